"""The examples worked by hand in `docs/rules.md`: read, typed, and completed with what they leave unsaid.

The head of that page says what each kind of example gives and expects; whatever is checked against them, oracle or product, starts from
`typed`. Not here: the checking.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from .conversations import Words
from .crm import Settings
from .facts import SHARED
from .history import ID_COLUMN, OTHERS, TRACKED
from .values import Row, instant, iso, phone, sha256

RULES = Path(__file__).parents[2] / "docs" / "rules.md"
LONG_BEFORE = datetime(2025, 6, 1, tzinfo=UTC)
LONG_AFTER = datetime(2027, 1, 1, tzinfo=UTC)

_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MOMENTS = re.compile(r".*(_at|_start|_end|_until|_modstamp|_from|_to|_timestamp_utc|_start_utc|_end_utc)")
_DAYS = ("day", "raw_day", "day_utc", "last_final_day")


@dataclass(frozen=True)
class Example:
    """One example: the rule it shows, the kind of thing it is, what is given and what must come of it."""

    rule: str
    kind: str
    given: Row
    expected: Row


def load(page: Path = RULES) -> list[Example]:
    """All examples of the page, in order."""
    return [Example(**json.loads(block)) for block in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def typed(name: str, value: Any) -> Any:
    """A JSON value under its name with times as datetimes and days as dates; a vendor's `record` stays as it was told."""
    if name == "record":
        return value
    if isinstance(value, dict):
        return {key: typed(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [typed(name, each) for each in value]
    if isinstance(value, str) and name in _DAYS:
        return date.fromisoformat(value)
    return instant(value) or value if isinstance(value, str) and _MOMENTS.fullmatch(name) else value


def plain(value: Any) -> Any:
    """The way back: times and days as the page writes them."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value


def said(actual: Any, expected: Any) -> Any:
    """The part of the actual value that the example speaks of."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        return {key: said(actual.get(key, "no such column"), value) for key, value in expected.items()}
    if isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        return [said(one, other) for one, other in zip(actual, expected, strict=True)]
    return actual


def telling(kind: str, given: Row) -> Row:
    """A typed CRM telling with every column of its staging table."""
    created = given.get("created_at", LONG_BEFORE)
    stamp = given.get("system_modstamp", created)
    row: Row = {ID_COLUMN[kind]: None, **dict.fromkeys(TRACKED[kind] + OTHERS[kind])}
    row |= {"created_at": created, "system_modstamp": stamp, "received_at": stamp, "is_deleted": False, "master_record_id": None}
    if kind == "Contact":
        number, address = given.get("phone"), given.get("email")
        row["phones"] = [] if number is None else [{"field": "Phone", "told": number, "normalised": phone(number, "US")}]
        row["emails"] = [] if address is None else [{"field": "Email", "told": address, "normalised": address.strip().lower()}]
    return {**row, **given}


def history_rows(kind: str, given: list[Row], record: str | None = None) -> list[Row]:
    """Field-history rows with every column; ids are made from the place in the list where none is said."""
    rest: Row = {"object": kind, "record_id": record, "old_value": None, "new_value": None, "is_deleted": False}
    return [{"history_id": f"017-{kind}-{index:03d}", **rest, **row} for index, row in enumerate(given)]


def reads(given: list[Row] | None) -> list[Row]:
    """When history was read: as said, else a baseline that saw everything, long after."""
    if given is None:
        return [{"day": None, "read_at": LONG_AFTER, "read_until": LONG_AFTER}]
    return given


def interaction(given: Row) -> Row:
    """A full row of `staging_genesys_metrics`."""
    row: Row = {"conversation_id": "c-1", "conversation_end": None, **dict.fromkeys(SHARED)}
    row |= {name: 0 for name in SHARED if name.endswith("_time_ms")}
    row |= {name: [] for name in ("queue_ids", "agent_ids", "division_ids")}
    row |= dict.fromkeys(("abandoned", "transferred", "was_escalated", "handled_by_bot_only", "is_provisional"), False)
    return {**row, "record_sha256": sha256("{}"), **given}


def told(given: list[Row]) -> list[Row]:
    """Conversation tellings with every column, their records as JSON text; received half an hour after the raw day where not said."""
    rows = []
    for index, row in enumerate(given):
        day = row["raw_day"]
        received = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=24.5)
        rest: Row = {"page": 1, "position": index, "feed": "conversation_jobs", "received_at": received, "data_available_until": None}
        rows.append({**rest, **row, "record": json.dumps(row["record"])})
    return rows


def crm(given: Row) -> dict[str, list[Row]]:
    """The CRM of an example: `cases`, `accounts`, `contacts`, `users` (tellings), `field_history`, `history_reads`."""
    kinds = {"cases": "Case", "accounts": "Account", "contacts": "Contact", "users": "User"}
    tellings = {plural: [telling(kind, row) for row in given.get(plural, [])] for plural, kind in kinds.items()}
    rows = [row for kind in ("Case", "Account", "Contact") for row in history_rows(kind, given.get(f"{kind.lower()}_history", []))]
    return {**tellings, "field_history": rows, "history_reads": reads(given.get("history_reads"))}


def settings(given: Row | None) -> Settings:
    """The settings of an example, else the defaults."""
    said = dict(given or {})
    periods = tuple((date.fromisoformat(begin), date.fromisoformat(end)) for begin, end in said.pop("high_latency_periods", []))
    rest: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Settings(high_latency_periods=periods, **rest)


def words(given: Row | None) -> Words:
    """The attribute names of an example, else the defaults."""
    return Words(**(given or {}))
