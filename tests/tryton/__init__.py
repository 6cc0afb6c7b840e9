"""A real ERP: Tryton, in a process of its own, fed by its own Shopify connector from our sandbox.

Both were written by others: the connector proves the sandbox to a foreign client, and Tryton's database proves ours.
"""
