"""Extraction from Shopify: bulk operations first, a contract at the door, a ledger that proves completeness."""
