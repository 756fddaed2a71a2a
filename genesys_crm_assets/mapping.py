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
    account_tier_field: str
    account_ltv_field: str
    account_industry_field: str
    account_revenue_field: str
    case_category_field: str
    contact_phone_fields: tuple[str, ...]
    contact_email_fields: tuple[str, ...]
    own_numbers: tuple[str, ...]
    closed_opportunity_stages: tuple[str, ...]
    won_opportunity_stages: tuple[str, ...]

    def case_fields(self) -> tuple[str, ...]:
        """The Case fields that the record extraction asks for (S0-37, S0-38)."""
        standing = ("Id", "CaseNumber", "AccountId", "ContactId", "OwnerId", "Status", "Priority", "Origin", "IsEscalated")
        return _distinct(*standing, self.case_category_field, self.escalated_case_field, "CreatedDate", "ClosedDate", *_DELETABLE)

    def account_fields(self) -> tuple[str, ...]:
        """The Account fields that the record extraction asks for."""
        mapped = (self.account_industry_field, self.account_tier_field, self.account_revenue_field, self.account_ltv_field)
        return _distinct("Id", "Name", "OwnerId", *mapped, "CreatedDate", *_DELETABLE)

    def contact_fields(self) -> tuple[str, ...]:
        """The Contact fields that the record extraction asks for; personal data only where the mapping says so."""
        personal = (*self.contact_email_fields, *self.contact_phone_fields)
        return _distinct("Id", "AccountId", "OwnerId", *personal, "CreatedDate", *_DELETABLE)


_DELETABLE = ("SystemModstamp", "IsDeleted", "MasterRecordId")
USER_FIELDS = ("Id", "Name", "IsActive", "CreatedDate", "SystemModstamp")


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
        for entry, value in entries.items():
            if not _alike(words[section].get(entry), value):
                raise MappingRefused(
                    f"{path.name} has an unknown entry or a wrong type at [{section}] {entry}; see the packaged mapping.toml"
                )
            words[section][entry] = value
    return _checked(path.name, words)


def _alike(packaged: Any, told: Any) -> bool:
    texts = not isinstance(told, list) or all(isinstance(one, str) for one in told)
    return type(packaged) is type(told) and texts


def _checked(name: str, words: dict[str, dict[str, Any]]) -> Mapping:
    account, contact = words["account"], words["contact"]
    fields = [*account.values(), *words["case"].values(), *contact["phones"], *contact["emails"], words["escalated"]["case_field"]]
    for field in fields:
        if field and not _FIELD.fullmatch(field):
            raise MappingRefused(f"{name} names a field that cannot exist in Salesforce; use its API name, such as Account_Tier__c")
    return Mapping(
        attribute_case_id=words["attributes"]["case_id"],
        attribute_account_id=words["attributes"]["account_id"],
        attribute_contact_id=words["attributes"]["contact_id"],
        attribute_escalated=words["escalated"]["attribute"],
        attribute_escalated_value=words["escalated"]["value"],
        escalated_case_field=words["escalated"]["case_field"],
        attribute_bot_only=words["bot_only"]["attribute"],
        attribute_bot_only_value=words["bot_only"]["value"],
        account_tier_field=account["tier"],
        account_ltv_field=account["ltv_usd"],
        account_industry_field=account["industry"],
        account_revenue_field=account["annual_revenue"],
        case_category_field=words["case"]["category"],
        contact_phone_fields=tuple(contact["phones"]),
        contact_email_fields=tuple(contact["emails"]),
        own_numbers=tuple(words["centre"]["own_numbers"]),
        closed_opportunity_stages=tuple(words["opportunity"]["closed_stages"]),
        won_opportunity_stages=tuple(words["opportunity"]["won_stages"]),
    )


def _distinct(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
