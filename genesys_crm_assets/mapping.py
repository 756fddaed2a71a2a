"""The org's own words, read from `mapping.toml` (§5.3): names of attributes and fields, what counts as escalated, which numbers are ours.

Not here: checking them against the org, or what tables do with them.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).with_name("mapping.toml")

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


class MappingRefused(ValueError):
    """The mapping file cannot be used; the message names the entry and the remedy."""


@dataclass(frozen=True, slots=True)
class Fed:
    """One entry of the column mapping: the field of the org, the staging column it feeds, and what kind of value that column takes.

    `kind` is id, text, number, flag, moment (a date with time) or date.
    """

    field: str
    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """The org's words, one attribute per entry of `mapping.toml`; a field named "" is absent in this org."""

    attribute_case_id: str
    attribute_account_id: str
    attribute_contact_id: str
    attribute_escalated: str
    attribute_escalated_value: str
    escalated_case_field: str
    attribute_bot_only: str
    attribute_bot_only_value: str
    contact_phone_fields: tuple[str, ...]
    contact_email_fields: tuple[str, ...]
    own_numbers: tuple[str, ...]
    closed_opportunity_stages: tuple[str, ...]
    won_opportunity_stages: tuple[str, ...]
    columns_version: int
    fed: tuple[tuple[str, tuple[Fed, ...]], ...]
    required_fields: tuple[str, ...]
    on_drift: str
    tolerated_drift: int
    expand_contacts: bool
    releases_csv: str
    releases_soql: str
    release_field: str
    release_product_field: str
    released_at_field: str

    def feeds(self, sobject: str) -> tuple[Fed, ...]:
        """The column mapping of one sObject, mapped fields only; personal data only where the mapping says so (S2-15, S2-16)."""
        return dict(self.fed)[sobject]

    def fields(self, sobject: str) -> tuple[str, ...]:
        """The fields that the record extraction asks for: those that are mapped, and those that every record is known by (S0-37, S0-38)."""
        return _distinct("Id", *(one.field for one in self.feeds(sobject)), *STANDING[sobject])


_RECORD = ("CreatedDate", "SystemModstamp")
_DELETABLE = (*_RECORD, "IsDeleted")
_MERGEABLE = (*_DELETABLE, "MasterRecordId")
STANDING = {"Case": _MERGEABLE, "Account": _MERGEABLE, "Contact": _MERGEABLE, "Opportunity": _DELETABLE, "User": _RECORD}
"""The fields that every record of an sObject is known by besides its Id. Salesforce merges no Opportunities and deletes no Users."""

_KINDS = {"is_active": "flag", "is_escalated": "flag", "closed_at": "moment", "close_date": "date"}
_NUMBERS = ("amount", "annual_revenue", "ltv_usd")


def read(path: Path = PACKAGED) -> Mapping:
    """Read a mapping file; what it leaves out is as packaged. `MappingRefused` for unknown entries, wrong types or impossible field names."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise MappingRefused(f"the mapping file {path.name} cannot be read ({problem}); correct it or unset MAPPING_FILE") from problem
    words = tomllib.loads(PACKAGED.read_text(encoding="utf-8"))
    for section, entries in told.items():
        if section not in words or not isinstance(entries, dict):
            raise MappingRefused(f"{path.name} has an unknown section {section}; see the packaged mapping.toml")
        _take(path.name, section, words[section], entries)
    return _checked(path.name, words)


def _take(name: str, section: str, words: dict[str, Any], told: dict[str, Any]) -> None:
    for entry, value in told.items():
        if not _alike(words.get(entry), value):
            raise MappingRefused(f"{name} has an unknown entry or a wrong type at [{section}] {entry}; see the packaged mapping.toml")
        if isinstance(value, dict):
            _take(name, f"{section}.{entry}", words[entry], value)
        else:
            words[entry] = value


def _alike(packaged: Any, told: Any) -> bool:
    texts = not isinstance(told, list) or all(isinstance(one, str) for one in told)
    return type(packaged) is type(told) and texts


def _checked(name: str, words: dict[str, dict[str, Any]]) -> Mapping:
    releases, schema = words["releases"], words["schema"]
    fed = {sobject: _fed(entries) for sobject, entries in _column_mapping(words).items()}
    named = [words["escalated"]["case_field"], releases["release"], releases["product"], releases["released_at"]]
    for field in (*named, *(one.field for entries in fed.values() for one in entries)):
        if field and not _FIELD.fullmatch(field):
            raise MappingRefused(f"{name} names a field that cannot exist in Salesforce; use its API name, such as Account_Tier__c")
    if releases["csv"] and releases["soql"]:
        raise MappingRefused(f"{name} names releases twice, [releases] csv and soql; leave one of them empty")
    if schema["on_drift"] not in {"warn", "fail"} or schema["tolerated"] < 0:
        raise MappingRefused(f"{name} knows [schema] on_drift warn and fail, and tolerated from 0 up; write one of these")
    return _mapping(words, fed)


def _column_mapping(words: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Of each sObject the staging columns and the fields that feed them; a column fed by several has their place behind its name."""
    account, columns = words["account"], words["columns"]
    phones = {f"phones {place}" if place else "phone": field for place, field in enumerate(words["contact"]["phones"])}
    emails = {f"emails {place}" if place else "email": field for place, field in enumerate(words["contact"]["emails"])}
    escalated = words["escalated"]["case_field"] or "IsEscalated"
    return {
        "Case": {**columns["Case"], "type": words["case"]["category"], "is_escalated": escalated},
        "Account": {**columns["Account"], **{"customer_tier" if entry == "tier" else entry: field for entry, field in account.items()}},
        "Contact": {**columns["Contact"], **phones, **emails},
        "Opportunity": columns["Opportunity"],
        "User": columns["User"],
    }


def _mapping(words: dict[str, dict[str, Any]], fed: dict[str, tuple[Fed, ...]]) -> Mapping:
    contact, releases, schema = words["contact"], words["releases"], words["schema"]
    return Mapping(
        attribute_case_id=words["attributes"]["case_id"],
        attribute_account_id=words["attributes"]["account_id"],
        attribute_contact_id=words["attributes"]["contact_id"],
        attribute_escalated=words["escalated"]["attribute"],
        attribute_escalated_value=words["escalated"]["value"],
        escalated_case_field=words["escalated"]["case_field"],
        attribute_bot_only=words["bot_only"]["attribute"],
        attribute_bot_only_value=words["bot_only"]["value"],
        contact_phone_fields=tuple(contact["phones"]),
        contact_email_fields=tuple(contact["emails"]),
        own_numbers=tuple(words["centre"]["own_numbers"]),
        closed_opportunity_stages=tuple(words["opportunity"]["closed_stages"]),
        won_opportunity_stages=tuple(words["opportunity"]["won_stages"]),
        columns_version=words["columns"]["version"],
        fed=tuple(fed.items()),
        required_fields=tuple(schema["required"]),
        on_drift=schema["on_drift"],
        tolerated_drift=schema["tolerated"],
        expand_contacts=words["external_contacts"]["expand_contacts"],
        releases_csv=releases["csv"],
        releases_soql=releases["soql"],
        release_field=releases["release"],
        release_product_field=releases["product"],
        released_at_field=releases["released_at"],
    )


def _fed(entries: dict[str, str]) -> tuple[Fed, ...]:
    return tuple(Fed(field, column.partition(" ")[0], _kind(column)) for column, field in entries.items() if field)


def _kind(column: str) -> str:
    if column in _NUMBERS:
        return "number"
    return _KINDS.get(column) or ("id" if column.endswith("_id") else "text")


def _distinct(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
