"""What is run on a checkout and ships with no package: writing and checking the documentation."""
