"""Webhooks: signed, sent, retried, every attempt recorded."""
