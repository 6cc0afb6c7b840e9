"""Kinds of faults of files, see `spoil.py`. `name`: shp, rcv, ret, mov or inv; `shop`: LEJ or HAM."""

FILE_FAULTS = {
    "late_file": "the file comes with those of the next cut, dated as if it had come in time",
    "duplicate_file": "the file comes twice, under two names",
    "reused_number": "another file comes with the same control number and other content",
    "corrected_file": "the file has a wrong number in it, and the right one follows",
    "truncated_file": "the file ends in the middle",
    "empty_file": "the file has no content at all",
    "partial_upload": "the file grows for `seconds` (for ever without); with `part`: true under the name .part",
    "changed_column": "a heading, or a qualifier, that nobody agreed upon",
    "unknown_zone": "times in a zone, or of a warehouse, that nobody knows",
    "backward_file": "stock as of two days before the file of the day before",
    "few_rows": "a tenth of the rows, and a trailer that says so",
}
