"""What every source needs on its way in: its contract's tables, the door, the ledger, and what is wrong with its feeds.

`receiving.Intake` is how a connector hands over rows; its docstring says how to call it.
"""
