"""The feed: one log of changes for each organisation, with positions without gaps, which it reads in its own time."""
