"""The Makersync kit: what every service stands on. It imports no service."""
