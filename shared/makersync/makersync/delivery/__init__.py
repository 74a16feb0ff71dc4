"""Webhooks: what the feed says, sent to the addresses that an organisation names, after Standard Webhooks 1.0."""
