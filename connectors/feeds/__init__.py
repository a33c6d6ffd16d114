"""Feeds: when one is due, fetched, parsed, and what of it is new."""
