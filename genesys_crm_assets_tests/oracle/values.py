"""Times, ids and addresses: the values that every rule reads.

All times are aware datetimes in UTC, cut to whole milliseconds. Ids of Salesforce have 18 characters. Not here: any rule about a table.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import phonenumbers

Row = dict[str, Any]

FAR = datetime(9999, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ADDRESS = re.compile(r"\S+@\S+")
_SIP = re.compile(r"sips?:", re.IGNORECASE)


def instant(text: str) -> datetime | None:
    """The moment an ISO-8601 text with offset or Z names, in whole milliseconds; None where it is no such text."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    whole, fraction, zone = match.groups()
    micros = int((fraction or ".0")[1:].ljust(6, "0")[:6])
    try:
        moment = datetime.fromisoformat(whole + zone.replace("Z", "+00:00"))
        return moment.replace(microsecond=micros - micros % 1000).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(moment: datetime) -> str:
    """A moment as the design writes it: `2026-01-05T10:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def midnight(day: date) -> datetime:
    """The first moment of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def milliseconds(span: timedelta) -> int:
    """A span in whole milliseconds, signed."""
    return span // MILLISECOND


def second_of(moment: datetime) -> datetime:
    """The whole second a moment lies in."""
    return moment.replace(microsecond=0)


def sha256(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def to_18(fifteen: str) -> str:
    """The 18-character form of a 15-character id: per five characters one that says which of them are capitals."""
    groups = (fifteen[start : start + 5] for start in (0, 5, 10))
    return fifteen + "".join(_CHECKSUM[sum(1 << place for place, char in enumerate(group) if "A" <= char <= "Z")] for group in groups)


def salesforce_id(told: str | None, prefix: str = "") -> str | None:
    """The told id with 18 characters; None where it is not valid: 15 ASCII letters and digits, or 18 with the right checksum."""
    if told is None or re.fullmatch(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", told) is None or not told.startswith(prefix):
        return None
    full = to_18(told[:15])
    return full if told in (told[:15], full) else None


def bare_number(address: str) -> str:
    """An address without its `tel:`."""
    return address[4:] if address[:4].lower() == "tel:" else address


def phone(address: str | None, region: str) -> str | None:
    """The address in E.164 where libphonenumber parses it and calls it possible, not merely local; None otherwise."""
    if address is None or _SIP.match(address):
        return None
    try:
        number = phonenumbers.parse(bare_number(address), region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def email(address: str | None) -> str | None:
    """The address lower-cased where it is something@something without blanks; None otherwise."""
    if address is None or _SIP.match(address) or _ADDRESS.fullmatch(address) is None:
        return None
    return address.lower()


def once_each(values: Iterable[str]) -> list[str]:
    """The distinct values in the sequence of their first appearance."""
    return list(dict.fromkeys(values))
