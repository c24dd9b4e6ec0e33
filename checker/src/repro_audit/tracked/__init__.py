"""Reads the runs of an MLflow store: what they carry, and which numbers come from which."""
