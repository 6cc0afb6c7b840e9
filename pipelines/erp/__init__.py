"""The merchant's ERP: a folder of queries and a transport that runs them.

`queries/<erp>/<entity>.sql` selects exactly the columns of the contract, so that a new ERP is a new folder and no Python.
"""
