"""Practices of the aspect provenance/tracking."""
