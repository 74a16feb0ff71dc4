"""Signing in at an OpenID provider: what is said to it, and what is believed of what it says."""
