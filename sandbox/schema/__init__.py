"""Slices of the published Admin API schema, one a version, and the script that cuts them."""
