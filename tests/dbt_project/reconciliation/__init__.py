"""Breaks found, and not found, in small worlds of rows."""
