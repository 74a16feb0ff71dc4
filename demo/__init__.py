"""The demo: a synthetic market that lives on the machine of whoever wants to see the product at work."""
