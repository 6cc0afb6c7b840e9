"""Tests of the sandbox document store."""
