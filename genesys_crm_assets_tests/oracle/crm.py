"""The CRM as it is now, for matching (§6.2): living records, resolved ids, whose number and address is whose.

Built from the dimensions' last versions. Not here: which method or rule wins (`linking`), and what held at a moment (`history.as_of`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .values import Row, midnight, phone, salesforce_id

METHODS = ("contact_attribute", "external_contact", "account_attribute", "phone", "email")
RULES = ("case_attribute", "created_with", "touched_with", "open_case", "lookback")


@dataclass(frozen=True)
class Settings:
    """What matching may be told to do; periods are half-open pairs of days (or moments), both ends at 00:00 UTC."""

    match_tolerance_minutes: int = 15
    match_lookback_hours: int = 48
    match_window_hours: int = 24
    high_latency_periods: tuple[tuple[date, date], ...] = ()
    match_rules: tuple[str, ...] = RULES
    default_phone_region: str = "US"
    own_numbers: tuple[str, ...] = ()
    sources_absent: tuple[str, ...] = ()
    closed_opportunity_stages: tuple[str, ...] = ("Closed Won", "Closed Lost")

    def tolerance(self, start: datetime) -> timedelta:
        """How far the clocks may lie apart for an interaction that starts then."""
        for begin, end in self.high_latency_periods:
            if midnight(begin) <= start < midnight(end):
                return timedelta(hours=self.match_window_hours)
        return timedelta(minutes=self.match_tolerance_minutes)

    def is_own(self, number: str) -> bool:
        """Is it one of the centre's own numbers?"""
        return number in {phone(own, self.default_phone_region) for own in self.own_numbers}


class Crm:
    """Records by id as they are now, the moments at which somebody worked on a case, and the Contact each external contact names."""

    def __init__(
        self,
        dimensions: dict[str, list[Row]],
        case_history: list[Row],
        absent: tuple[str, ...] = (),
        named: dict[str, str] | None = None,
    ) -> None:
        self.cases = newest(dimensions["case"], "case_id")
        self.contacts = newest(dimensions["contact"], "contact_id")
        self.accounts = newest(dimensions["account"], "account_id")
        self.absent = absent
        self.named = named or {}
        self.worked: dict[str, list[datetime]] = {}
        for row in case_history:
            if row["object"] == "Case" and (row["old_value"] is not None or row["new_value"] is not None):
                self.worked.setdefault(row["record_id"], []).append(row["created_at"])

    def table(self, kind: str) -> dict[str, Row]:
        """The records of `cases`, `contacts` or `accounts`."""
        tables: dict[str, dict[str, Row]] = {"cases": self.cases, "contacts": self.contacts, "accounts": self.accounts}
        return tables[kind]

    def knows(self, kind: str, record: str) -> bool:
        """Has any telling named this record, deleted or not?"""
        return record in self.table(kind)

    def resolve(self, kind: str, record: str | None) -> str | None:
        """The survivor an id lives on in; None where it is unknown, deleted without survivor or in a cycle."""
        row = None if record is None else self.table(kind).get(record)
        return None if row is None else row["surviving_id"]

    def parent(self, kind: str, record: str | None) -> str | None:
        """A parent named by a CRM record, resolved; as named where its whole object is absent and cannot be asked."""
        return record if kind in self.absent else self.resolve(kind, record)

    def is_live(self, kind: str, record: str) -> bool:
        """Is it neither deleted nor merged away?"""
        row = self.table(kind)[record]
        return not row["is_deleted"] and row["surviving_id"] == record

    def external_contact(self, told: str | None) -> str | None:
        """The Contact id a told external contact is, or else names."""
        return None if told is None else salesforce_id(told, "003") or self.named.get(told)

    def account_of_contact(self, contact: str | None) -> str | None:
        """The account a contact belongs to now."""
        row = None if contact is None else self.contacts.get(contact)
        return None if row is None else self.parent("accounts", row["account_id"])

    def contacts_with(self, field: str, value: str) -> list[str]:
        """The live contacts among whose `phones` or `emails` the normalised value is."""
        return [
            record
            for record, row in sorted(self.contacts.items())
            if self.is_live("contacts", record) and any(each["normalised"] == value for each in row[field] or [])
        ]

    def cases_of(self, contact: str | None, account: str | None) -> list[Row]:
        """The live cases of the contact; where the account alone is known, of the account."""
        live = [row for record, row in sorted(self.cases.items()) if self.is_live("cases", record)]
        if contact is not None:
            return [row for row in live if self.parent("contacts", row["contact_id"]) == contact]
        if account is not None:
            return [row for row in live if self.parent("accounts", row["account_id"]) == account]
        return []


def newest(rows: Iterable[Row], key: str) -> dict[str, Row]:
    """Per record its last version."""
    found: dict[str, Row] = {}
    for row in rows:
        if row[key] not in found or row["valid_from"] > found[row[key]]["valid_from"]:
            found[row[key]] = row
    return found
