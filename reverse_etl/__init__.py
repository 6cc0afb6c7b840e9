"""Reverse ETL: wanted values from the warehouse become acknowledged values in a destination.

Plan (a diff in the warehouse), guard, apply, ledger. Never imports dagster, dlt, orchestration or sandbox.
"""
