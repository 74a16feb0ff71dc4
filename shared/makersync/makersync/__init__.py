"""The Makersync kit, which every service is built on. It imports no service."""
