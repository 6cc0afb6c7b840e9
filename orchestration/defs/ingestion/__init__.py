"""Raw tables: one module a source."""
