"""Cases: how they are opened, worked on, touched by a conversation and closed.

Times are epoch seconds of the CRM's clock. Not here: which conversation a case belongs to (`stories.py`).
"""

import random
from dataclasses import dataclass
from typing import NamedTuple

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.identifiers import chance, dice, salesforce_id
from genesys_crm_assets.sandbox.people import Contact, People
from genesys_crm_assets.sandbox.records import Crm, Record, Rotate, Row

HOUR = 3_600
DAY = 24 * HOUR

OPEN_STATUSES = ("New", "Working", "Waiting on Customer")
PRIORITIES = ("Low", "Medium", "High")
TYPES = ("Problem", "Question", "Feature Request", "Billing", None)
ORIGINS = ("Phone", "Email", "Web", "Chat")
# More than the fifth that is promised has two open cases through the whole window.
BURDENED = 0.26


class Pace(NamedTuple):
    """How long cases of a kind stay open, in seconds; none: for good."""

    shortest: int
    longest: int | None


QUICK = Pace(HOUR // 2, 9 * HOUR)
NORMAL = Pace(DAY, 6 * DAY)
SLOW = Pace(8 * DAY, 45 * DAY)
ENDLESS = Pace(0, None)


@dataclass(slots=True, eq=False)
class Case:
    """A case: its record, when it opened and closes, and when a conversation last touched it."""

    record: Record
    created: int
    closed: int | None
    touched: int

    @property
    def id(self) -> str:
        """The 18-character id."""
        return self.record.id

    def is_open(self, start: int, end: int) -> bool:
        """Whether it stands open well before, during and after that time."""
        margin = 25 * 60
        return self.created < start - margin and (self.closed is None or self.closed > end + margin)


class Desk:
    """Where cases are opened and worked on."""

    def __init__(self, crm: Crm, people: People, seed: int) -> None:
        self._crm, self._people, self._seed = crm, people, seed
        self._count = 0
        self._group = salesforce_id("00G", seed, "queue")
        crm.names[self._group] = "Tier 1 Queue"

    def open(self, rng: random.Random, contact: Contact, created: int, pace: Pace) -> Case:
        """A case of a contact with the whole life it will have if nobody intervenes."""
        self._count += 1
        span = None if pace.longest is None else rng.randrange(pace.shortest, pace.longest)
        closed = None if span is None else created + span
        record = Record(
            "Case",
            salesforce_id("500", self._seed, "case", self._count),
            created,
            rng.choice(self._people.users),
            self._values(rng, contact, created),
        )
        self._crm.add(record)
        self._life(rng, record, closed, span or 30 * DAY)
        case = Case(record, created, closed, created)
        contact.take(case)
        return case

    def _values(self, rng: random.Random, contact: Contact, created: int) -> Row:
        return {
            "CaseNumber": f"{self._count:08d}",
            "AccountId": contact.home_at(created).id,
            "ContactId": contact.id,
            "OwnerId": self._group if chance(rng, 0.12) else rng.choice(self._people.users),
            "Status": "New",
            "Priority": rng.choices(PRIORITIES, (30, 50, 20))[0],
            "Type": rng.choice(TYPES),
            "Origin": rng.choice(ORIGINS),
            "Subject": f"Request {self._count}",
            "IsEscalated": False,
            "IsClosed": False,
            "ClosedDate": None,
            "IsDeleted": False,
            "MasterRecordId": None,
        }

    def _life(self, rng: random.Random, record: Record, closed: int | None, span: int) -> None:
        users, created = self._people.users, record.created
        if chance(rng, 0.05):
            record.change(created, {"OwnerId": Rotate(tuple(users), rng.randrange(97))})
        record.change(created + int(span * rng.uniform(0.02, 0.2)), {"Status": "Working"}, rng.choice(users))
        if chance(rng, 0.25):
            record.change(created + int(span * rng.uniform(0.2, 0.9)), {"OwnerId": rng.choice(users)})
        if chance(rng, 0.25):
            record.change(created + int(span * rng.uniform(0.3, 0.8)), {"Status": "Waiting on Customer"})
        if chance(rng, 0.15):
            record.change(created + int(span * rng.uniform(0.1, 0.9)), {"Priority": rng.choice(PRIORITIES)})
        if chance(rng, 0.06):
            record.change(created + int(span * rng.uniform(0.1, 0.9)), {"IsEscalated": True, "Type": "Problem"})
        if chance(rng, 0.05):
            record.change(created + int(span * rng.uniform(0.1, 1.5)), {})
        if closed is not None:
            _close(rng, record, closed)

    def touch(self, rng: random.Random, case: Case, at: int) -> None:
        """Somebody works on the case at that moment: its field history gains a row."""
        users = tuple(self._people.users)
        what = rng.choices(("Status", "Priority", "OwnerId", "close"), (45, 25, 15, 15))[0]
        if what == "close" and at > case.touched:
            case.record.forget_after(at)
            _close(rng, case.record, at)
            case.closed = at
        elif what == "OwnerId":
            case.record.change(at, {"OwnerId": Rotate(users, rng.randrange(97))}, rng.choice(users))
        elif what == "Priority":
            case.record.change(at, {"Priority": Rotate(PRIORITIES, rng.randrange(97))}, rng.choice(users))
        else:
            case.record.change(at, {"Status": Rotate(OPEN_STATUSES, rng.randrange(97))}, rng.choice(users))
        case.touched = max(case.touched, at)

    def backlog(self, start: int, days: int) -> None:
        """The cases of the months before the window, open or long closed, and the ones nobody called about."""
        rng = dice(self._seed, "backlog")
        contacts = self._people.contacts
        for index, contact in enumerate(contacts):
            for _ in range(rng.choices((0, 1, 2, 3), (20, 40, 25, 15))[0]):
                self.open(rng, contact, start - rng.randrange(9 * DAY, 175 * DAY), rng.choice((QUICK, NORMAL)))
            burden = index % 100 < BURDENED * 100
            for _ in range(2 if burden else rng.choices((0, 1), (55, 45))[0]):
                pace = Pace((days + 50) * DAY, (days + 90) * DAY) if burden and chance(rng, 0.7) else ENDLESS if burden else SLOW
                self.open(rng, contact, start - rng.randrange(DAY, 45 * DAY), pace)
            for alias, merged in contact.aliases:
                case = self.open(rng, contact, start - rng.randrange(30 * DAY, 90 * DAY), SLOW)
                case.record.values["ContactId"] = alias
                case.record.change(merged, {"ContactId": contact.id})
        for contact in rng.sample(contacts, max(3, len(contacts) // 100)):
            self._delete(rng, contact, start)

    def _delete(self, rng: random.Random, contact: Contact, start: int) -> None:
        case = self.open(rng, contact, start - rng.randrange(2 * DAY, 20 * DAY), QUICK)
        case.record.change(start + rng.randrange(-DAY, 5 * DAY), {"IsDeleted": True})
        contact.drop(case)

    def unrelated(self, rng: random.Random, midnight: int, count: int) -> None:
        """Cases of a day that came by the web: no conversation is about their opening."""
        for _ in range(count):
            self.open(rng, rng.choice(self._people.contacts), midnight + rng.randrange(DAY), rng.choice((NORMAL, SLOW)))


def _close(rng: random.Random, record: Record, at: int) -> None:
    if chance(rng, 0.06):
        record.change(at, {"Status": "Resolved"})
    record.change(at, {"Status": "Closed", "IsClosed": True, "ClosedDate": clock.crm(at)})
