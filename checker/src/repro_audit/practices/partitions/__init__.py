"""Practices of the aspect partitions."""
