"""From CRM records as told to typed rows: ids of 18 characters, UTC times, the mapping's fields, phones and e-mails normalised.

Each sObject is a function from a record and the org's words to the columns of its table. Values of the wrong type are refused, never
coerced. Not here: history (`dimensions`).
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from genesys_crm_assets.lake.body import Day, Proof, PythonBody
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.lake.table import Table, body_schema
from genesys_crm_assets.staging import addresses, record_ids

_BATCH = 4_096
_PARENTS = {
    "CaseHistory": ("Case", "CaseId"),
    "AccountHistory": ("Account", "AccountId"),
    "ContactHistory": ("Contact", "ContactId"),
    "OpportunityFieldHistory": ("Opportunity", "OpportunityId"),
}

Words = dict[str, Any]


class Told:
    """One record as told, read by field name and wanted type; a value of another type breaks the contract (F-40)."""

    def __init__(self, sobject: str, record: str, columns: dict[str, str] | None = None) -> None:
        self.sobject = sobject
        self._columns = columns or {}
        self._fields: dict[str, Any] = msgspec.json.decode(record)

    def of(self, column: str) -> str:
        """The field that the mapping says feeds a staging column; empty where the org has none."""
        return self._columns.get(column, "")

    def text(self, field: str) -> str | None:
        """The field as text; null where absent, unnamed or empty."""
        return self._value(field, str) or None

    def number(self, field: str) -> float | None:
        """The field as a number."""
        found = self._value(field, int | float)
        return None if found is None else float(found)

    def flag(self, field: str) -> bool | None:
        """The field as true or false."""
        found: bool | None = self._value(field, bool)
        return found

    def moment(self, field: str) -> datetime | None:
        """The field as a time, naive UTC."""
        found = self._value(field, str)
        try:
            return datetime.fromisoformat(found).astimezone(UTC).replace(tzinfo=None) if found else None
        except ValueError as problem:
            raise self._wrong(field) from problem

    def day(self, field: str) -> date | None:
        """The field as a date without time or zone."""
        found = self._value(field, str)
        try:
            return date.fromisoformat(found) if found else None
        except ValueError as problem:
            raise self._wrong(field) from problem

    def identity(self, field: str) -> str | None:
        """The field as an id of 18 characters."""
        found = self._value(field, str)
        long = record_ids.long_id(found)
        if found and long is None:
            raise self._wrong(field)
        return long

    def any_text(self, field: str) -> str | None:
        """A value of any scalar type as text, as history tells old and new ones."""
        found = self._fields.get(field)
        if isinstance(found, bool):
            return "true" if found else "false"
        return None if found is None or found == "" else str(found)

    def _value(self, field: str, kind: Any) -> Any:
        found = self._fields.get(field) if field else None
        if found is None:
            return None
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise self._wrong(field)
        return found

    def _wrong(self, field: str) -> ContractBroken:
        return ContractBroken(f"{self.sobject}.{field} was told with another type than staging expects; compare the mapping with describe")


Row = Callable[[Told, Words], dict[str, Any]]


def body(raw: Table, staged: Table, row: Row) -> PythonBody:
    """The body of a staging table: from its raw table, to its contract, by its row."""

    def rows(session: duckdb.DuckDBPyConnection, _day: Day) -> pa.Table:
        schema = body_schema(staged)
        words = session.sql("select * from audit.settings").to_arrow_table().to_pylist()[0]
        found = session.execute(f"select object, record, record_sha256, changed_at, received_at from {raw.qualified}")
        names = schema.names
        batches = [
            pa.RecordBatch.from_pylist([{name: one[name] for name in names} for one in part], schema=schema)
            for part in _parts(found, row, words)
        ]
        return pa.Table.from_batches(batches, schema=schema)

    return rows


def every_telling_is_staged(raw: Table) -> Proof:
    """Every telling of the raw day has its row, and no row another source."""
    told = f"(select count(*) from {raw.qualified})"
    return Proof(
        "every_telling_is_staged",
        f"select {told} = count(*) as holds, {told} as told, count(*) as staged from aside",
        "Rows = tellings of the raw day.",
    )


def case(told: Told, _words: Words) -> dict[str, Any]:
    """A Case's columns."""
    return {
        "case_id": told.identity("Id"),
        "case_number": told.text(told.of("case_number")),
        "account_id": told.identity(told.of("account_id")),
        "contact_id": told.identity(told.of("contact_id")),
        "owner_id": told.identity(told.of("owner_id")),
        "status": told.text(told.of("status")),
        "priority": told.text(told.of("priority")),
        "type": told.text(told.of("type")),
        "origin": told.text(told.of("origin")),
        "is_escalated": told.flag(told.of("is_escalated")),
        "closed_at": told.moment(told.of("closed_at")),
        **_standing(told),
    }


def account(told: Told, _words: Words) -> dict[str, Any]:
    """An Account's columns."""
    return {
        "account_id": told.identity("Id"),
        "name": told.text(told.of("name")),
        "owner_id": told.identity(told.of("owner_id")),
        "industry": told.text(told.of("industry")),
        "customer_tier": told.text(told.of("customer_tier")),
        "annual_revenue": told.number(told.of("annual_revenue")),
        "ltv_usd": told.number(told.of("ltv_usd")),
        **_standing(told),
    }


def contact(told: Told, words: Words) -> dict[str, Any]:
    """A Contact's columns; phones and e-mails in the mapping's order."""
    region = words["default_phone_region"]
    phones = [(field, told.text(field)) for field in words["contact_phone_fields"]]
    emails = [(field, told.text(field)) for field in words["contact_email_fields"]]
    return {
        "contact_id": told.identity("Id"),
        "account_id": told.identity(told.of("account_id")),
        "owner_id": told.identity(told.of("owner_id")),
        "email": emails[0][1] if emails else None,
        "phone": phones[0][1] if phones else None,
        "phones": [
            {"field": field, "told": value, "normalised": addresses.contact_phone(value, region)} for field, value in phones if value
        ],
        "emails": [{"field": field, "told": value, "normalised": addresses.contact_email(value)} for field, value in emails if value],
        **_standing(told),
    }


def opportunity(told: Told, _words: Words) -> dict[str, Any]:
    """An Opportunity's columns; Salesforce merges no opportunities."""
    return {
        "opportunity_id": told.identity("Id"),
        "account_id": told.identity(told.of("account_id")),
        "owner_id": told.identity(told.of("owner_id")),
        "stage_name": told.text(told.of("stage_name")),
        "amount": told.number(told.of("amount")),
        "close_date": told.day(told.of("close_date")),
        "created_at": told.moment("CreatedDate"),
        "is_deleted": told.flag("IsDeleted") or False,
    }


def user(told: Told, _words: Words) -> dict[str, Any]:
    """A User's columns."""
    return {
        "user_id": told.identity("Id"),
        "name": told.text(told.of("name")),
        "is_active": told.flag(told.of("is_active")),
        "created_at": told.moment("CreatedDate"),
    }


def change(told: Told, _words: Words) -> dict[str, Any]:
    """A field history row's columns."""
    parent, field = _PARENTS[told.sobject]
    return {
        "history_id": told.identity("Id"),
        "object": parent,
        "record_id": told.identity(field),
        "field": told.text("Field"),
        "old_value": told.any_text("OldValue"),
        "new_value": told.any_text("NewValue"),
        "created_at": told.moment("CreatedDate"),
        "is_deleted": told.flag("IsDeleted") or False,
    }


def _standing(told: Told) -> dict[str, Any]:
    return {
        "created_at": told.moment("CreatedDate"),
        "is_deleted": told.flag("IsDeleted") or False,
        "master_record_id": told.identity("MasterRecordId"),
    }


def _parts(found: Any, row: Row, words: Words) -> Iterator[list[dict[str, Any]]]:
    columns: dict[str, dict[str, str]] = {}
    for fed in words["source_columns"]:
        columns.setdefault(fed["object"], {})[fed["staged"]] = fed["field"]
    while part := found.fetchmany(_BATCH):
        yield [
            {
                **row(Told(sobject, record, columns.get(sobject)), words),
                "record_sha256": digest,
                "system_modstamp": changed_at,
                "received_at": received_at,
            }
            for sobject, record, digest, changed_at, received_at in part
        ]
