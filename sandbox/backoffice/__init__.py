"""What stands behind the shops: the ERP, the operators of the warehouses, and what goes wrong between them."""
