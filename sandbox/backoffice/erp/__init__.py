"""The merchant's ERP: one NetSuite account for both shops, in NetSuite's own tables."""
