"""A small nasty CRM: lives with changes within one second, lost history, deletions, merges, cycles, shared numbers.

Everything is drawn from one seeded generator, so a seed names a world for ever. Times are UTC and whole seconds, as Salesforce tells them.
Not here: the single objects and their columns (`world_records`), and conversations (`world_conversations`).
"""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from .history import ID_COLUMN
from .values import Row, midnight, to_18

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
STATUSES = ["New", "Working", "Escalated", "Closed", "Closed"]
TIERS = ["Enterprise", "Mid", "SMB", None]
NUMBERS = ["+12025550101", "+12025550102", "+12025550103", "+442079460958", "+493012345678"]
TOLD_NUMBERS = [*NUMBERS, "(202) 555-0101", "202-555-0102", "1 202 555 0103", "+44 20 7946 0958", "555-0101", "none", "+12025550101 ext. 7"]
TOLD_EMAILS = ["ada@example.com", " Ada@Example.com ", "BOB@example.com", "bob@example.com", "eve@example.org", "no address"]
# The columns a field's change is told under, and whether it writes a second row with names.
FIELDS: dict[str, dict[str, str]] = {
    "Case": {
        "status": "Status",
        "priority": "Priority",
        "type": "Type",
        "owner_id": "Owner",
        "contact_id": "Contact",
        "account_id": "Account",
    },
    "Account": {"name": "Name", "owner_id": "OwnerId", "customer_tier": "Account_Tier__c", "industry": "Industry"},
    "Contact": {"account_id": "Account", "owner_id": "Owner", "email": "Email", "phone": "Phone"},
    "Opportunity": {
        "stage_name": "StageName",
        "amount": "Amount",
        "close_date": "CloseDate",
        "owner_id": "Owner",
        "account_id": "Account",
    },
    "User": {},
}


@dataclass
class CrmDraw:
    """The CRM under the generator's hand: tellings by object, history rows, and when history was read."""

    rng: random.Random
    days: list[date]
    pool: list[datetime] = field(default_factory=list)
    tellings: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in FIELDS})
    history: list[Row] = field(default_factory=list)
    reads: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A few instants that many things share, so that ties are common."""
        self.pool = [self.anywhere() for _ in range(12)]

    def anywhere(self) -> datetime:
        """A second from four days before the first day to noon of the last."""
        seconds = int((midnight(self.days[-1]) - midnight(self.days[0]) + 4.5 * DAY).total_seconds())
        moment = midnight(self.days[0]) - 4 * DAY + timedelta(seconds=self.rng.randrange(seconds))
        return moment.replace(second=0, minute=moment.minute - moment.minute % 5) if self.rng.random() < 0.5 else moment

    def moment(self) -> datetime:
        """A second, often one of the shared instants."""
        return self.rng.choice(self.pool) if self.rng.random() < 0.6 else self.anywhere()

    def maybe(self, chance: float) -> bool:
        """True that often."""
        return self.rng.random() < chance

    def new_id(self, prefix: str) -> str:
        """A valid id of 18 characters that nobody has."""
        return to_18(prefix + "".join(self.rng.choices(string.ascii_letters + string.digits, k=12)))

    def readings(self) -> list[tuple[datetime, date, datetime]]:
        """When records are read, which day's, and up to when its history: by night each day, at noon some days."""
        found = []
        for day in self.days:
            found.append((midnight(day) + 12 * 60 * MINUTE + 20 * MINUTE, day, midnight(day) + 12 * 60 * MINUTE + 5 * MINUTE))
            found.append((midnight(day) + DAY + 20 * MINUTE, day, midnight(day) + DAY))
        return found

    def draw_reads(self) -> None:
        """Most readings of records are followed by one of history; the first day's is the baseline's, told as None."""
        for at, day, until in self.readings():
            if self.maybe(0.8):
                self.reads.append({"day": None if day == self.days[0] else day, "read_at": at + 5 * MINUTE, "read_until": until})

    def received(self, moment: datetime) -> datetime:
        """A reading that can have seen the moment."""
        later = [at for at, _, _ in self.readings() if at >= moment + 15 * MINUTE]
        return self.rng.choice(later[:3]) if later else moment + DAY

    def tell(self, kind: str, telling: Row) -> None:
        """A telling, sometimes read twice, as by baseline and day."""
        first = self.received(telling["system_modstamp"])
        self.tellings[kind].append({**telling, "received_at": first})
        if self.maybe(0.2):
            self.tellings[kind].append({**telling, "received_at": first + self.rng.choice([DAY, 2 * DAY])})

    def log(self, kind: str, record: str, at: datetime, name: str, values: tuple[Any, Any]) -> None:
        """A history row, sometimes told twice under one id."""
        row = {
            "history_id": self.new_id("017"),
            "object": kind,
            "record_id": record,
            "field": name,
            "old_value": values[0],
            "new_value": values[1],
            "created_at": at,
            "is_deleted": False,
        }
        self.history += [row, dict(row)] if self.maybe(0.1) else [row]

    def as_text(self, value: Any) -> Any:
        """A value as history tells it: numbers in one of the ways in which they may be spelt, days as text."""
        if isinstance(value, float):
            return self.rng.choice([f"{value:g}", f"{value:.1f}", f"{value:.2f}", f"{value:.6e}"])
        return value.isoformat() if isinstance(value, date) else value

    def log_change(self, kind: str, record: str, at: datetime, column: str, values: tuple[Any, Any]) -> None:
        """A field change as an org tells it: lookups in two rows of which one has names, ids sometimes short."""
        name = FIELDS[kind][column]
        if not column.endswith("_id"):
            self.log(kind, record, at, name, (self.as_text(values[0]), self.as_text(values[1])))
            return
        short = self.maybe(0.3)
        as_ids = tuple(value[:15] if short and value else value for value in values)
        rows = [tuple(value and f"Somebody {value[-3:]}" for value in values), as_ids]
        self.rng.shuffle(rows)
        for told in rows:
            self.log(kind, record, at, name if self.maybe(0.5) or name.endswith("Id") else f"{name}Id", (told[0], told[1]))


@dataclass
class Life:
    """One record as it goes through its changes."""

    kind: str
    record: str
    created: datetime
    state: Row
    choices: dict[str, list[Any]]
    telling: Callable[[Row], Row]


def live(crm: CrmDraw, life: Life, untracked: set[str]) -> None:
    """Draw a record's changes: what history says of them, and which of its states were ever told."""
    soon = [life.created + hours * 60 * MINUTE for hours in (1, 5, 20)]
    moments = sorted(
        {crm.rng.choice([crm.moment(), *soon]) for _ in range(crm.rng.randrange(5))} | ({life.created} if crm.maybe(0.15) else set())
    )
    moments = [moment for moment in moments if moment >= life.created]
    stamp = life.created
    state = dict(life.state)
    if crm.maybe(0.5) and (not moments or moments[0] > life.created):
        crm.tell(life.kind, told(life, state, stamp, {}))
    for index, moment in enumerate(moments):
        changing = set(crm.rng.sample(sorted(life.choices), k=crm.rng.choice([0, 1, 1, 2])))
        for column in sorted(changing | ({"status"} if life.kind == "Case" and crm.maybe(0.4) else set())):
            state[column] = change(crm, life, moment, column, state[column], tracked=column not in untracked)
        stamp = moment
        if crm.maybe(0.75) or index == len(moments) - 1:
            crm.tell(life.kind, told(life, state, stamp, {}))
    if stamp == life.created:
        crm.tell(life.kind, told(life, state, stamp + MINUTE, {}))
        stamp += MINUTE
    if life.kind != "User":
        end(crm, life, state, stamp)
    if crm.maybe(0.3) and life.kind != "User":
        crm.log(life.kind, life.record, stamp, crm.rng.choice(["created", "accountMerged", "closed"]), (None, None))


def told(life: Life, state: Row, stamp: datetime, extra: Row) -> Row:
    """The record as told once."""
    fate: Row = {} if life.kind == "User" else {"is_deleted": False}
    if life.kind in ("Case", "Account", "Contact"):
        fate["master_record_id"] = None
    own = {ID_COLUMN[life.kind]: life.record, "created_at": life.created, "system_modstamp": stamp}
    return {**own, **life.telling({**state, "stamp": stamp}), **fate, **extra}


def change(crm: CrmDraw, life: Life, at: datetime, column: str, before: Any, *, tracked: bool) -> Any:
    """One or several changes of a field within a second; the last value. Rows come in any order, some never."""
    others = [value for value in life.choices[column] if value != before]
    chain = [before, *crm.rng.sample(others, k=min(len(others), crm.rng.choice([1, 1, 1, 2])))]
    rows = list(pairwise(chain))
    if len(rows) == 1 and crm.maybe(0.1):
        rows = [(crm.rng.choice(life.choices[column]), chain[-1])]
    crm.rng.shuffle(rows)
    if tracked and crm.maybe(0.85):
        for values in rows:
            crm.log_change(life.kind, life.record, at, column, values)
    return chain[-1]


def end(crm: CrmDraw, life: Life, state: Row, stamp: datetime) -> None:
    """Some records are deleted, some of those come back."""
    if crm.maybe(0.85):
        return
    gone = stamp + crm.rng.choice([7 * MINUTE, 3 * 60 * MINUTE])
    crm.tell(life.kind, told(life, state, gone, {"is_deleted": True}))
    if crm.maybe(0.5):
        if crm.maybe(0.3):
            column = crm.rng.choice(sorted(life.choices))
            state[column] = change(crm, life, gone + MINUTE, column, state[column], tracked=crm.maybe(0.5))
        crm.tell(life.kind, told(life, state, gone + crm.rng.choice([5 * MINUTE, DAY]), {}))


def merge(crm: CrmDraw, kind: str) -> None:
    """Merge some records into others, in chains, once in a while in a circle; some losers of cases are kept."""
    key = ID_COLUMN[kind]
    ids = sorted({telling[key] for telling in crm.tellings[kind]})
    for loser in crm.rng.sample(ids, k=len(ids) // 6):
        last = max((each for each in crm.tellings[kind] if each[key] == loser), key=lambda each: each["system_modstamp"])
        master = crm.rng.choice([each for each in ids if each != loser] or ids)
        fate = {"is_deleted": kind != "Case" or crm.maybe(0.7), "master_record_id": master if crm.maybe(0.9) else crm.new_id(master[:3])}
        stamp = last["system_modstamp"] + 11 * MINUTE
        crm.tell(kind, {**{name: value for name, value in last.items() if name != "received_at"}, **fate, "system_modstamp": stamp})
