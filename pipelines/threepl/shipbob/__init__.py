"""ShipBob's REST API: orders, shipments, stock, movements, receiving and returns."""
