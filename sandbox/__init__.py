"""The outside world in miniature: a stateful stand-in for Shopify over HTTP on loopback.

Imports none of our own code: it is the other side of the wire.
"""
