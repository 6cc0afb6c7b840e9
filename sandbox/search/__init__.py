"""Shopify's search syntax: parsed, checked against the fields of a connection, compiled to a predicate."""
