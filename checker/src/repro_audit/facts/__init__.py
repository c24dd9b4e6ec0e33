"""What was read from the repository, one module per kind; rules ask for these by type."""
