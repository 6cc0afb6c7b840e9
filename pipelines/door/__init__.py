"""The door: a file of JSON lines in, typed and checked Parquet files out, every line accounted for.

One door for every source. `admission.admit` is the way in: what keeps the contract is read in one strict pass
(`reader`), anything else row by row (`tolerant`), and each rejected row is written down as it stood in the file.
"""
