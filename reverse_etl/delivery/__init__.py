"""Sending the rows of a plan: the two lanes, the canary, and what is done after a crash."""
