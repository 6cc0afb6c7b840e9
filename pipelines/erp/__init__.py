"""The merchant's ERP: a folder of queries that select the contract's columns, `queries/<erp>/<entity>.sql`, and a transport that runs them."""
