"""Any ERP whose database, or a replica of it, may be read by SQL: through SQLAlchemy, read only, as of one moment."""
