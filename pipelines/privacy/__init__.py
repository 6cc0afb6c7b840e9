"""Persons in the warehouse and on disk: what is kept of one, how it is erased, and how it stays away."""
