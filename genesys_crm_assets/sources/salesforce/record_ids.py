"""Ids of Salesforce records: 15 case-sensitive characters, or the same with a checksum of three that survives folding of case.

Not here: whether a record with that id exists.
"""

_SHORT, _LONG = 15, 18
_CHECKSUM_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(value: str | None) -> str | None:
    """The 18 characters of an id told with 15 or 18; null for anything else.

    Nothing is trimmed and no case is mended: an id of 18 whose checksum does not fit was cut, folded or mistyped (§6.1).
    """
    if value is None or len(value) not in {_SHORT, _LONG} or not (value.isascii() and value.isalnum()):
        return None
    whole = value[:_SHORT] + _checksum(value[:_SHORT])
    return whole if value in {whole, value[:_SHORT]} else None


def record_id(value: str | None, prefix: str) -> str | None:
    """As `long_id`, and null where the id is not of the object with that key prefix, such as `500` for Case."""
    return long_id(value) if value is not None and value.startswith(prefix) else None


def _checksum(short: str) -> str:
    """One character for every five: its bits say which of them are upper case."""
    chunks = (short[start : start + 5] for start in range(0, _SHORT, 5))
    return "".join(_CHECKSUM_ALPHABET[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())] for chunk in chunks)
