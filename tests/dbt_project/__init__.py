"""Tests of the dbt project: rules over its manifest, and builds over small worlds in real DuckDB files."""
