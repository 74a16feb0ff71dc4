"""Servers for tests: Kafka, PostgreSQL and the embedded broker, found or started. `fixtures` is what tests use."""
