"""Benchmarks: `python -m bench` prints one table, each row a ratio within the run. Not part of the tests."""
