"""Addresses as people and switches write them, brought to one form each: phone numbers to E.164, e-mail addresses to lower case.

Both sides of a match, the conversation's and the CRM's, come through here. Not here: whose address it is.
"""

import re
from functools import lru_cache

import phonenumbers

_MAIL = re.compile(r"\S+@\S+")
_REMEMBERED = 100_000
"""Parsing costs about 50 µs, and a contact centre hears the same few numbers all day."""


@lru_cache(maxsize=_REMEMBERED)
def phone(address: str | None, region: str) -> str | None:
    """The E.164 form of an address in a conversation, null where it is no phone number (§6.1, S1-10).

    A number is one that libphonenumber parses and calls possible; one that is possible within its own area only is none.

    Args:
        address: as told; a leading `tel:` is removed, a `sip:` address is no number.
        region: the two-letter region of numbers told without a country.
    """
    if address is None or _is_sip(address):
        return None
    number = address[4:] if address[:4].lower() == "tel:" else address
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def email(address: str | None) -> str | None:
    """The lower-case form of an address in a conversation that is something@something without blanks; null otherwise (§6.1)."""
    if address is None or _is_sip(address) or _MAIL.fullmatch(address) is None:
        return None
    return address.lower()


def contact_phone(value: str | None, region: str) -> str | None:
    """The E.164 form of a phone field of the CRM, normalised as conversations' numbers are (§6.2)."""
    return phone(value, region)


def contact_email(value: str | None) -> str | None:
    """An e-mail field of the CRM, trimmed and in lower case; null where nothing is left (§6.2)."""
    return (value or "").strip().lower() or None


def _is_sip(address: str) -> bool:
    return address[:5].lower().startswith(("sip:", "sips:"))
