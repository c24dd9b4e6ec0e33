"""Errors that a person can mend; the command line prints them as one sentence."""

from __future__ import annotations


class ReproAuditError(Exception):
    """Wrong use: the message says what is wrong, where, and what to do."""
