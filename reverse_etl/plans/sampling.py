"""A part of all records, chosen by a salted hash of their numbers: the same records in each run, on each warehouse.

The first eight hex digits of MD5 over `salt:number` are compared as text with the share's own eight digits, which
orders them as numbers do and which every engine does alike. Another salt is another draw.
"""

import hashlib

_DIGITS = 8


def pick_of(salt: str, record_id: int) -> str:
    """Eight hex digits, evenly spread over the records."""
    return hashlib.md5(f"{salt}:{record_id}".encode(), usedforsecurity=False).hexdigest()[:_DIGITS]


def pick_sql(salt: str, column: str) -> str:
    """The same as SQL over a column of whole numbers; `salt` holds no quotes (Salt of sync files)."""
    return f"substr(md5(concat('{salt}:', cast({column} as string))), 1, {_DIGITS})"


def border(share: float) -> str:
    """What picks of the share lie below; `share` is between 0 and 1, both left out."""
    return f"{max(1, int(share * 16**_DIGITS)):0{_DIGITS}x}"


def is_chosen(salt: str, share: float, record_id: int) -> bool:
    """Whether a record belongs to the share."""
    return pick_of(salt, record_id) < border(share)
