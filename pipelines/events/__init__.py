"""Webhooks: what Shopify reports between two extractions, verified, deduplicated and re-read by id."""
