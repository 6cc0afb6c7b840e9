"""The merchant's ERP: a folder of queries and a transport that runs them.

`queries/<erp>/<entity>.sql` selects exactly the columns of the contract: a new ERP is a new folder, no Python.
"""
