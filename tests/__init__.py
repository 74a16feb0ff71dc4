"""What needs more than one service, and the servers that tests run against."""
