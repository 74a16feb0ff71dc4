"""Mail: notices and digests of what the feed says, to the people whom an organisation names and who have agreed."""
