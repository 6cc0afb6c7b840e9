"""The macros that differ by warehouse, run on each of them."""
