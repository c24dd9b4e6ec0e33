"""The aspect of the laboratory."""
