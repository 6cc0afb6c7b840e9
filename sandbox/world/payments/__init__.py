"""Shopify Payments behind the orders: what each charge costs, when its money is paid out, and what goes wrong."""
