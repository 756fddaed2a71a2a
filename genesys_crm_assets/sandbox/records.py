"""CRM records as what happened to them: a beginning and changes, from which the row and its field history at any moment follow.

Not here: why a record changes (`people.py`, `cases.py`, `opportunities.py`, `releases.py`, `upheavals.py`), or how it is asked for
(`salesforce.py`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.identifiers import salesforce_id

Row = dict[str, Any]

PREFIXES = {"Account": "001", "Contact": "003", "User": "005", "Case": "500", "Opportunity": "006", "Release__c": "a0R"}
HISTORIES = {
    "Case": "CaseHistory",
    "Account": "AccountHistory",
    "Contact": "ContactHistory",
    # OpportunityHistory is another object: snapshots of stage and amount.
    "Opportunity": "OpportunityFieldHistory",
}
TRACKED = {
    "Case": {"Status": "Text", "Priority": "Text", "OwnerId": "EntityId"},
    "Account": {"Name": "Text", "OwnerId": "EntityId", "Account_Tier__c": "Text"},
    "Contact": {"Email": "Text", "OwnerId": "EntityId", "AccountId": "EntityId"},
    "User": {},
    "Opportunity": {"StageName": "Text", "Amount": "Currency", "CloseDate": "DateOnly", "OwnerId": "EntityId", "AccountId": "EntityId"},
    "Release__c": {},
}
_NAMED = frozenset({"User", "Account"})


@dataclass(frozen=True, slots=True)
class Rotate:
    """A new value that differs from whatever the field holds when the change is replayed."""

    pool: tuple[str, ...]
    step: int

    def after(self, current: object) -> str:
        """The value this change gives."""
        place = self.pool.index(current) if current in self.pool else -1
        return self.pool[(place + 1 + self.step % max(1, len(self.pool) - 1)) % len(self.pool)]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a record: new values, none at all (only SystemModstamp moves), or an event such as a merge."""

    at: int
    key: int
    values: Row
    by: str
    event: str = ""


@dataclass(slots=True)
class Record:
    """One sObject record over its whole life; times in epoch seconds of the CRM's clock. `revision` counts what was said of it."""

    kind: str
    id: str
    created: int
    by: str
    values: Row
    changes: list[Change] = field(default_factory=list)
    keys: int = 0
    revision: int = 0

    def change(self, at: int, values: Row, by: str = "", event: str = "") -> None:
        """Add a change, in any order of time."""
        self.keys += 1
        self.revision += 1
        self.changes.append(Change(max(at, self.created), self.keys, values, by or self.by, event))

    def forget_after(self, at: int) -> None:
        """Take back what was planned for later."""
        self.revision += 1
        self.changes = [change for change in self.changes if change.at <= at]

    def until(self, now: int) -> Iterator[Change]:
        """What had happened by then, in order."""
        return iter(sorted((change for change in self.changes if change.at <= now), key=lambda change: (change.at, change.key)))

    def value(self, name: str, now: int) -> Any:
        """A field as it stood then; before the record was created, as it was created."""
        current = self.values[name]
        for change in self.until(now):
            if name in change.values:
                wanted = change.values[name]
                current = wanted.after(current) if isinstance(wanted, Rotate) else wanted
        return current


class _Stand(NamedTuple):
    """What a record and its history tell from one change to the next; `until` is when the next change happens, exclusive."""

    revision: int
    since: int
    until: float
    row: Row
    history: list[Row]

    def holds(self, record: Record, now: int) -> bool:
        return self.revision == record.revision and self.since <= now < self.until


@dataclass(slots=True)
class Crm:
    """All records by object and id, and the tables they make at a moment."""

    names: dict[str, str] = field(default_factory=dict)
    tracked_since: dict[tuple[str, str], int] = field(default_factory=dict)
    records: dict[str, dict[str, Record]] = field(default_factory=lambda: {kind: {} for kind in PREFIXES})
    # Most records do not change between two questions: what they told then, they tell again.
    _stands: dict[str, _Stand] = field(default_factory=dict)

    def add(self, record: Record) -> Record:
        """Take a record in."""
        self.records[record.kind][record.id] = record
        if record.kind in _NAMED:
            self.names[record.id] = record.values["Name"]
        return record

    def tables(self, now: int) -> dict[str, list[Row]]:
        """Every object's rows as they stand at `now` (epoch seconds), deleted ones too, in order of id; they are not to be changed."""
        tables: dict[str, list[Row]] = {}
        for kind, records in self.records.items():
            stands = [self._stand(record, now) for record in records.values() if record.created <= now]
            tables[kind] = sorted((stand.row for stand in stands), key=itemgetter("Id"))
            if kind in HISTORIES:
                tables[HISTORIES[kind]] = sorted((row for stand in stands for row in stand.history), key=itemgetter("Id"))
        return tables

    def _stand(self, record: Record, now: int) -> _Stand:
        stand = self._stands.get(record.id)
        if stand is None or not stand.holds(record, now):
            stand = self._stands[record.id] = self._replayed(record, now)
        return stand

    def _replayed(self, record: Record, now: int) -> _Stand:
        row: Row = {"Id": record.id, **record.values}
        history: list[Row] = []
        modified = stamped = record.created
        if record.kind in HISTORIES:
            history.append(_entry(record, Change(record.created, 0, {}, record.by), "created"))
        for change in record.until(now):
            stamped = change.at
            if change.values:
                modified = change.at
            if change.event:
                history.append(_entry(record, change, change.event))
            for name, value in change.values.items():
                self._set(record, row, change, (name, value), history)
        row |= {"CreatedDate": clock.crm(record.created), "LastModifiedDate": clock.crm(modified), "SystemModstamp": clock.crm(stamped)}
        after = min((change.at for change in record.changes if change.at > now), default=math.inf)
        return _Stand(record.revision, stamped, after, row, history)

    def _set(self, record: Record, row: Row, change: Change, assignment: tuple[str, Any], history: list[Row]) -> None:
        name, value = assignment
        old = row.get(name)
        new = value.after(old) if isinstance(value, Rotate) else value
        row[name] = new
        data_type = TRACKED[record.kind].get(name)
        if data_type is None or old == new or change.at < self.tracked_since.get((record.kind, name), 0):
            return
        label = name.removesuffix("Id")
        if data_type == "EntityId":
            names = self.names.get(str(old)), self.names.get(str(new))
            history.append(_entry(record, change, label, ("Text", *names)))
        history.append(_entry(record, change, label, (data_type, old, new)))


def _entry(record: Record, change: Change, name: str, told: tuple[str, Any, Any] = ("Text", None, None)) -> Row:
    data_type, old, new = told
    return {
        # Hashed and not counted up: within one second nothing tells which row came first.
        "Id": salesforce_id("017", record.id, change.key, name, data_type),
        f"{record.kind}Id": record.id,
        "Field": name,
        "DataType": data_type,
        "OldValue": old,
        "NewValue": new,
        "CreatedDate": clock.crm(change.at),
        "CreatedById": change.by,
        "IsDeleted": False,
    }
