"""The stand-in for ShipBob: REST API 2026-01 over what the operator's warehouses have on file."""
