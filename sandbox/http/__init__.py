"""The sandbox over HTTP, on loopback."""
