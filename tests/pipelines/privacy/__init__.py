"""Persons: declared, found, erased."""
