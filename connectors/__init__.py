"""Everything that touches the outside world: feeds and pages in, webhooks out."""
