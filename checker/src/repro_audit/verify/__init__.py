"""Runs a command again under changed conditions, compares what it writes, and says why it differs.

This part of the program starts processes; the audit never imports it, and it never imports the
audit's rules. What it finds is written to a record, which the audit reads like any other file.
"""
