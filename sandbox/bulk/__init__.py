"""Bulk operations: queries and mutations that run by themselves and leave a JSONL file."""
