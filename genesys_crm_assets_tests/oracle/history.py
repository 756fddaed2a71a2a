"""Type 2 versions of CRM records from tellings and field history (§6.4), and which of them held at a moment.

A telling is one record as told once, typed; a history row is one field change. Times are UTC. Not here: how an interaction finds a record.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from .values import Row, iso, salesforce_id, second_of, sha256

TRACKED: dict[str, tuple[str, ...]] = {
    "Case": ("status", "priority", "type", "owner_id", "contact_id", "account_id"),
    "Account": ("name", "owner_id", "customer_tier", "industry"),
    "Contact": ("account_id", "owner_id", "email", "phone"),
    "Opportunity": ("stage_name", "amount", "close_date", "owner_id", "account_id"),
    "User": ("name", "is_active"),
}
OTHERS: dict[str, tuple[str, ...]] = {
    "Case": ("case_number", "origin", "closed_at", "is_escalated"),
    "Account": ("annual_revenue", "ltv_usd"),
    "Contact": ("phones", "emails"),
    "Opportunity": (),
    "User": (),
}
ID_COLUMN = {"Case": "case_id", "Account": "account_id", "Contact": "contact_id", "Opportunity": "opportunity_id", "User": "user_id"}
COLUMN_OF: dict[str, dict[str, str]] = {
    "Case": {
        "Status": "status",
        "Priority": "priority",
        "Type": "type",
        "Owner": "owner_id",
        "OwnerId": "owner_id",
        "Contact": "contact_id",
        "ContactId": "contact_id",
        "Account": "account_id",
        "AccountId": "account_id",
    },
    "Account": {"Name": "name", "Owner": "owner_id", "OwnerId": "owner_id", "Account_Tier__c": "customer_tier", "Industry": "industry"},
    "Contact": {
        "Account": "account_id",
        "AccountId": "account_id",
        "Owner": "owner_id",
        "OwnerId": "owner_id",
        "Email": "email",
        "Phone": "phone",
    },
    "Opportunity": {
        "StageName": "stage_name",
        "Amount": "amount",
        "CloseDate": "close_date",
        "Owner": "owner_id",
        "OwnerId": "owner_id",
        "Account": "account_id",
        "AccountId": "account_id",
    },
    "User": {},
}
LOOKUPS = ("owner_id", "contact_id", "account_id")
# History tells every value as text; these columns are compared as what they are.
TYPED: dict[str, Callable[[str], Any]] = {"amount": float, "close_date": date.fromisoformat}


@dataclass(frozen=True)
class Change:
    """One field change that counts, in the column's own terms."""

    at: datetime
    column: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Version:
    """One stretch `[valid_from, valid_to)` of a record, with the tracked values that held."""

    valid_from: datetime
    valid_to: datetime | None
    source: str
    tracked: Row


def changes(kind: str, rows: list[Row]) -> list[Change]:
    """The field changes among a record's history rows, each once, in order of time."""
    found = []
    for row in {row["history_id"]: row for row in rows}.values():
        column = COLUMN_OF[kind].get(row["field"])
        old, new = row["old_value"], row["new_value"]
        if column is None or (old is None and new is None):
            continue
        if column in LOOKUPS:
            ids = [salesforce_id(value) for value in (old, new) if value is not None]
            if None in ids:
                continue
            old, new = salesforce_id(old), salesforce_id(new)
        read = TYPED.get(column)
        if read is not None:
            old, new = (None if value is None else read(value) for value in (old, new))
        found.append(Change(row["created_at"], column, old, new))
    return sorted(found, key=lambda change: change.at)


def value_before(group: list[Change]) -> Any:
    """What a field was before the changes of one second: the OldValue that no other of them ends at."""
    starts = [each.old for each in group if all(other.new != each.old for other in group if other is not each)]
    return (starts or [group[0].old])[0]


def value_after(group: list[Change], before: Any) -> Any:
    """What a field is after the changes of one second: the NewValue from which no other of them starts; in a circle, what it was."""
    ends = [each.new for each in group if all(other.old != each.new for other in group if other is not each)]
    return (ends or [before])[-1]


def by_second(some: list[Change]) -> list[list[Change]]:
    """Changes of one field, second by second."""
    seconds: dict[datetime, list[Change]] = {}
    for change in some:
        seconds.setdefault(second_of(change.at), []).append(change)
    return [seconds[second] for second in sorted(seconds)]


def initial_state(kind: str, tellings: list[Row], log: list[Change]) -> Row:
    """Before a field's first row its value is that row's OldValue; without rows, the first telling's."""
    state = {}
    for column in TRACKED[kind]:
        groups = by_second([change for change in log if change.column == column])
        state[column] = value_before(groups[0]) if groups else tellings[0][column]
    return state


def covered(kind: str, telling: Row, reads: list[Row]) -> bool:
    """Was the history of the telling's moment read after the telling, by its day or by the baseline (day None)?"""
    if not COLUMN_OF[kind]:
        return True
    moment = telling["system_modstamp"]
    return any(
        read["day"] in (None, moment.date()) and read["read_at"] >= telling["received_at"] and read["read_until"] > moment for read in reads
    )


def distinct_tellings(tellings: list[Row]) -> list[Row]:
    """One record's tellings in order of SystemModstamp, each once, as first received."""
    first: dict[tuple[datetime, str], Row] = {}
    for telling in sorted(tellings, key=lambda each: each["received_at"]):
        content = repr({key: value for key, value in telling.items() if key != "received_at"})
        first.setdefault((telling["system_modstamp"], content), telling)
    return sorted(first.values(), key=lambda each: (each["system_modstamp"], each["received_at"]))


def latest(tellings: list[Row]) -> Row:
    """A record as last told."""
    return max(tellings, key=lambda each: (each["system_modstamp"], each["received_at"]))


def advance(state: Row, log: list[Change], told: list[Row]) -> tuple[Row, datetime | None, datetime | None]:
    """The tracked values after one second's changes and observations, and when history and observation changed one."""
    after = dict(state)
    spoken = {change.column for change in log}
    for column in spoken:
        after[column] = value_after([change for change in log if change.column == column], state[column])
    by_history = min((change.at for change in log if after[change.column] != state[change.column]), default=None)
    observed_at = None
    for telling in told:
        for column in after.keys() - spoken:
            if telling[column] != after[column]:
                after[column] = telling[column]
                observed_at = observed_at or telling["system_modstamp"]
    return after, by_history, observed_at


def versions(kind: str, tellings: list[Row], rows: list[Row], reads: list[Row]) -> list[Version]:
    """The versions of one record, in order of time; at least one."""
    told = distinct_tellings(tellings)
    log = changes(kind, rows)
    created = latest(tellings)["created_at"]
    birth = second_of(created)
    seconds = sorted({second_of(change.at) for change in log} | {second_of(each["system_modstamp"]) for each in told})
    state, found, alive = initial_state(kind, told, log), [], True
    for second in [each for each in seconds if each <= birth]:
        state, _, _ = advance(state, *at_second(kind, second, log, told, reads))
    found.append(Version(created, None, "created", state))
    alive = not any(each.get("is_deleted") for each in told if second_of(each["system_modstamp"]) <= birth)
    if not alive:
        found[-1] = replace(found[-1], valid_to=created)
    for second in [each for each in seconds if each > birth]:
        state, by_history, observed_at = advance(state, *at_second(kind, second, log, told, reads))
        now = [each for each in told if second_of(each["system_modstamp"]) == second]
        if now and bool(now[-1].get("is_deleted")) == alive:
            moment = now[-1]["system_modstamp"]
            found = closed(found, moment) if alive else [*found, Version(moment, None, "observed", state)]
            alive = not alive
        elif alive and state != found[-1].tracked:
            start = by_history or observed_at
            assert start is not None
            found = [*closed(found, start), Version(start, None, "history" if by_history else "observed", state)]
    return found


def at_second(kind: str, second: datetime, log: list[Change], told: list[Row], reads: list[Row]) -> tuple[list[Change], list[Row]]:
    """What was said of one second: by history, and by tellings that may be believed."""
    return (
        [change for change in log if second_of(change.at) == second],
        [each for each in told if second_of(each["system_modstamp"]) == second and covered(kind, each, reads)],
    )


def closed(found: list[Version], moment: datetime) -> list[Version]:
    """The versions with the last one ended at the moment."""
    return [*found[:-1], replace(found[-1], valid_to=moment)]


def surviving_ids(last: dict[str, Row]) -> dict[str, str | None]:
    """Per record the one it lives on in: itself if never merged; None in a cycle, or when it ends deleted or unknown."""
    found: dict[str, str | None] = {}
    for start in last:
        seen, here = {start}, start
        while here in last and last[here].get("master_record_id") is not None:
            here = last[here]["master_record_id"]
            if here in seen:
                break
            seen.add(here)
        lost = here not in last or last[here].get("master_record_id") is not None or bool(last[here].get("is_deleted"))
        found[start] = None if lost else here
    return found


def dimension(kind: str, tellings: list[Row], history: list[Row], reads: list[Row]) -> list[Row]:
    """All rows of a CRM dimension (`Case`, `Account`, `Contact`, `Opportunity`, `User`), without its provenance columns; by id, then valid_from."""
    key = ID_COLUMN[kind]
    records: dict[str, list[Row]] = {}
    for telling in tellings:
        records.setdefault(telling[key], []).append(telling)
    last = {record: latest(some) for record, some in records.items()}
    survivors = surviving_ids(last)
    return [
        {
            "version_key": version_key(kind, record, version.valid_from),
            key: record,
            **version.tracked,
            **{column: last[record][column] for column in OTHERS[kind]},
            "valid_from": version.valid_from,
            "valid_to": version.valid_to,
            "is_current": version.valid_to is None,
            "change_source": version.source,
            "created_at": last[record]["created_at"],
            "is_deleted": bool(last[record].get("is_deleted")),
            "surviving_id": survivors[record],
        }
        for record in sorted(records)
        for version in versions(
            kind, records[record], [row for row in history if row["object"] == kind and row["record_id"] == record], reads
        )
    ]


def version_key(kind: str, record: str, valid_from: datetime) -> str:
    """The surrogate key: SHA-256 hex over `object|record id|valid_from`."""
    return sha256(f"{kind}|{record}|{iso(valid_from)}")


def as_of(some: list[Row], moment: datetime) -> Row | None:
    """Of one record's versions the one valid at the moment: the first when it is younger, the last before within a deletion."""
    begun = [each for each in some if each["valid_from"] <= moment]
    if begun:
        return max(begun, key=lambda each: each["valid_from"])
    return min(some, key=lambda each: each["valid_from"], default=None)
