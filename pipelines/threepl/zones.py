"""Readings of a warehouse's clock as instants: files name an hour, not a zone, and one API speaks Windows names.

An hour that the clock shows twice in autumn is taken as the first of the two; an hour that it skips in spring lies as
much behind the change as it claims (02:30 of a clock that jumps from 02:00 to 03:00 is 03:30). Both are what most
programs do with such a reading, so a file means the same here as at its sender's.
"""

from tzlocal.windows_tz import win_tz

# Steps by which clocks were set back since 2000; DuckDB gives the later of two readings, the earlier one is before it.
_FOLDS = ("interval 1 hour", "interval 30 minute", "interval 2 hour", "interval 3 hour", "interval 15 minute")
_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
WITH_OFFSET = r"(Z|z|[+-]\d{2}:?\d{2})$"
# X12 element 623; "LT" is the sender's own zone. The two-letter codes mean a zone with its summer time.
TIME_CODES = {
    "UT": "UTC",
    "GM": "UTC",
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "ES": "Etc/GMT+5",
    "ED": "Etc/GMT+4",
    "CS": "Etc/GMT+6",
    "CD": "Etc/GMT+5",
    "MS": "Etc/GMT+7",
    "MD": "Etc/GMT+6",
    "PS": "Etc/GMT+8",
    "PD": "Etc/GMT+7",
}
LOCAL_TIME_CODES = ("LT", "")


def iana_zone(windows_name: str) -> str | None:
    """The IANA zone of a Windows zone name such as 'Pacific Standard Time'; None when it is not one of CLDR's."""
    return win_tz.get(windows_name)


def instant(reading: str, zone: str) -> str:
    """SQL (DuckDB's) of the instant at which a clock in a zone shows a reading; both are SQL, null gives null."""
    later = f"timezone({zone}, {reading})"
    earlier = " ".join(f"when timezone({zone}, {later} - {step}) = {reading} then {later} - {step}" for step in _FOLDS)
    return f"(case {earlier} else {later} end)"


def has_offset(text: str) -> str:
    """SQL that is true for a text that ends in Z or an offset, and so needs no zone."""
    return rf"regexp_matches(trim({text}), '{WITH_OFFSET}')"


def names_zone(text: str) -> str:
    """SQL that is true for a text that ends in letters: the name of a zone, which means another place to everyone."""
    return f"regexp_matches(trim({text}), '[A-Za-z]{{2,}}$')"


def instant_of_text(text: str, zone: str, time_format: str | None = None) -> str:
    """SQL of the instant that a text means: by its own offset, or as a reading in the zone; null when it is no time.

    Without a format only ISO 8601 counts: DuckDB would take 23/11/26 for a day of the year 23. A date without a time
    is the last second of its day: what it tells has happened by then.
    """
    said = f"trim({text})"
    if time_format is None:
        day = f"case when length({said}) = 10 then interval '23:59:59' else interval '0 seconds' end"
        iso = f"regexp_matches({said}, {_quoted(_ISO)})"
        reading = f"case when {iso} then try_cast({said} as timestamp) + {day} end"
        with_offset = f"case when regexp_matches({said}, '^\\d{{4}}-') then try_cast({said} as timestamptz) end"
    else:
        reading = f"try_strptime({said}, {_quoted(time_format)})"
        with_offset = f"try_cast({said} as timestamptz)"
    return f"(case when {has_offset(text)} then {with_offset} else {instant(f'({reading})', zone)} end)"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
