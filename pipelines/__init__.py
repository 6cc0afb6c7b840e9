"""Extract and load: sources become contract-checked tables in the warehouse.

Everything here runs without an orchestrator: `python -m pipelines.shopify` extracts one shop from a shell.
This package never imports dagster, reverse_etl, orchestration or sandbox (enforced by ruff, see ruff.toml).
"""
