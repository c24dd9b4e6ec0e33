"""What is kept of an executed command: environment, machine, sources, and the record itself."""
