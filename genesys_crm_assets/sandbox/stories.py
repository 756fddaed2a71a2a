"""Who is behind a conversation, which case it is about, what that leaves in the CRM, and what of it is told in attributes.

Here the proportions live that make linking hard but not hopeless. Not here: how a conversation goes (`conversations.py`), or what a release
adds to escalations (`releases.py`).
"""

import heapq
import random
from dataclasses import dataclass
from datetime import date

from genesys_crm_assets.sandbox.cases import DAY, HOUR, NORMAL, QUICK, SLOW, Case, Desk
from genesys_crm_assets.sandbox.clock import DAY as DAY_MS
from genesys_crm_assets.sandbox.clock import HOUR as HOUR_MS
from genesys_crm_assets.sandbox.clock import MINUTE, SECOND, Skew, day_of
from genesys_crm_assets.sandbox.draft import Draft
from genesys_crm_assets.sandbox.identifiers import chance, dice, salesforce_id
from genesys_crm_assets.sandbox.people import Contact, People, number
from genesys_crm_assets.sandbox.releases import Train

# What a customer calls for. Where the wish cannot be had, the case is opened by the conversation.
WISHES = {"no_case": 13, "created": 25, "open": 48, "recent": 6, "closed_before": 4, "logged_later": 4}
# Nobody can tell the id of a case that is logged after the conversation.
NOT_YET = frozenset({"created_late", "logged_later"})
KNOWN = 0.66
TOLD = 0.35
WRONG_EVERY = 50
# At the turn of the year cases are logged from a queue that is worked off for hours.
DECEMBER = 12
SLOW_DAYS = frozenset({(DECEMBER, 30), (DECEMBER, 31), (1, 1), (1, 2)})
# Conversations are drawn nearly in order of their beginning: what was closed so long before one is open for none that comes.
LATELY = 4 * DAY
# As far from a conversation as a window reaches that always applies.
WITHIN = 15 * MINUTE
ESCALATED = {"Enterprise": 0.11, "Mid-Market": 0.08, "Small Business": 0.05, None: 0.06}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, what for, and from where."""

    contact: Contact | None
    wish: str
    phone: str
    email: str
    # A follow-up call is about this case.
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The truth as it is settled when a conversation begins."""

    case: Case | None
    contact: Contact | None
    told: str | None
    how: str


class Teller:
    """Decides about every conversation, in order of their beginning."""

    def __init__(self, people: People, desk: Desk, skew: Skew, train: Train, *, start: date) -> None:
        self._people, self._desk, self._skew, self._train = people, desk, skew, train
        self._start = start
        self._told = WRONG_EVERY // 2
        # (from, until, a number that settles ties, contact, case)
        self._follow_ups: list[tuple[int, int, int, Contact, Case]] = []
        self._pushed = 0

    def caller(self, rng: random.Random, at: int) -> Caller:
        """Somebody calls at `at` (epoch milliseconds)."""
        if not chance(rng, KNOWN):
            unknown = number(10**6 + rng.randrange(10**6))
            stray = rng.choice(self._people.contacts).numbers[0] if chance(rng, 0.004) else unknown
            return Caller(None, "anonymous", stray if chance(rng, 0.95) else "", "")
        wish = rng.choices(tuple(WISHES), tuple(WISHES.values()))[0]
        seconds = at // SECOND
        if wish == "recent" and (found := self._follow_up(seconds)):
            return self._from(rng, found[3], wish, found[4])
        contact = rng.choice(self._people.contacts)
        for _ in range(4):
            if wish != "open" or _opened(contact, seconds, seconds + HOUR):
                break
            contact = rng.choice(self._people.contacts)
        return self._from(rng, contact, wish)

    def _from(self, rng: random.Random, contact: Contact, wish: str, case: Case | None = None) -> Caller:
        phone = rng.choices(contact.numbers, (70, 30)[: len(contact.numbers)])[0]
        if chance(rng, 0.03):
            phone = number(10**6 + rng.randrange(10**6))
        return Caller(contact, wish, phone, contact.email, case)

    def _follow_up(self, at: int) -> tuple[int, int, int, Contact, Case] | None:
        while self._follow_ups and self._follow_ups[0][0] <= at:
            found = heapq.heappop(self._follow_ups)
            if at <= found[1]:
                return found
        return None

    def about(self, draft: Draft, caller: Caller) -> tuple[Case | None, str]:
        """The case the conversation is about, after it has left its traces in the CRM."""
        rng, contact, wish = draft.rng, caller.contact, caller.wish
        if contact is None or wish == "no_case":
            return None, wish
        start, end = draft.start // SECOND, draft.reached // SECOND
        case = caller.case
        if wish == "logged_later":
            case = self._desk.open(rng, contact, end + rng.randrange(26 * HOUR, 70 * HOUR), NORMAL)
        elif wish == "closed_before":
            case = _any(
                rng,
                [past for past in contact.cases if past.closed and past.closed < start - 26 * HOUR and past.created < start - 52 * HOUR],
            )
        elif wish == "open" and (opened := _opened(contact, start, end)):
            case = opened[-1] if chance(rng, 0.7) else rng.choice(opened)
            if chance(rng, 0.5):
                wish = "touched"
                self._desk.touch(rng, case, self._meanwhile(draft))
        return (case, wish) if case is not None else self._born(draft, contact)

    def _meanwhile(self, draft: Draft) -> int:
        """A moment inside the conversation by the CRM's clock; of a long one, inside its first twenty hours."""
        rng = draft.rng
        end = min(draft.reached, draft.start + 20 * HOUR_MS)
        return self._skew.at(draft.start + int((end - draft.start) * rng.uniform(0.1, 1.0)), rng.uniform(-1, 1))

    def _born(self, draft: Draft, contact: Contact) -> tuple[Case, str]:
        """The case that the conversation opens, meanwhile or, when hardly anybody works in the CRM, the day after."""
        rng, how = draft.rng, "created"
        created = self._meanwhile(draft)
        if self._is_slow(day_of(draft.start)):
            created = self._worked_off(draft)
            how = "created" if created * SECOND <= min(draft.reached, draft.start + DAY_MS) + WITHIN else "created_late"
        case = self._desk.open(rng, contact, created, rng.choices((QUICK, NORMAL, SLOW), (50, 32, 18))[0])
        if case.closed is not None and case.closed < case.created + 40 * HOUR:
            self._pushed += 1
            heapq.heappush(self._follow_ups, (case.closed + 30 * 60, case.created + 46 * HOUR, self._pushed, contact, case))
        return case, how

    def _is_slow(self, day: date) -> bool:
        """Whether it is a day of late December or early January, in a world that contains that turn of the year."""
        turn = date(day.year + (day.month == DECEMBER), 1, 1)
        return (day.month, day.day) in SLOW_DAYS and self._start < turn

    def _worked_off(self, draft: Draft) -> int:
        """2 to 22 hours after the conversation, of a long one after its first twenty hours, by the CRM's clock."""
        rng = dice("queue", draft.id)
        end = min(draft.reached, draft.start + 20 * HOUR_MS)
        return self._skew.at(end + rng.randrange(2 * HOUR_MS, 22 * HOUR_MS), rng.uniform(-1, 1))

    def identify(self, draft: Draft, caller: Caller, case: Case | None, how: str) -> Origin:
        """Write into the customer participant who it is, as far as that is told; the told case is true but one time in fifty."""
        rng, contact, customer = draft.rng, caller.contact, draft.customer
        attributes: dict[str, str] = {"Intent": rng.choice(("billing", "order", "problem", "other"))} if chance(rng, 0.7) else {}
        if chance(rng, 0.1):
            attributes |= {"Call Reason ": "n/a", "ivr.path": "1>3"}
        told = None
        if contact is not None:
            told = self._known(draft, contact, case if how not in NOT_YET else None, attributes)
        elif chance(rng, 0.006):
            attributes["sfContactId"] = salesforce_id("003", draft.id)
        bot_only = not draft.handlers and any(participant["purpose"] == "botflow" for participant in draft.participants)
        if bot_only:
            attributes["botHandled"] = rng.choice(("true", "True"))
        elif chance(rng, self._escalation(contact, draft.start)):
            attributes["escalated"] = rng.choice(("true", "true", "TRUE"))
        elif chance(rng, 0.4):
            attributes["escalated"] = "false"
        if attributes:
            customer["attributes"] = attributes
        if draft.handlers and chance(rng, 0.05):
            draft.handlers[-1][0]["attributes"] = {
                "script": "v4",
                **({"sfCaseId": attributes["sfCaseId"]} if "sfCaseId" in attributes else {}),
            }
        return Origin(case, contact, told, how)

    def _escalation(self, contact: Contact | None, at: int) -> float:
        tier = contact.tier_at(at // SECOND) if contact else None
        return ESCALATED[tier] + self._train.uplift(tier, at)

    def _known(self, draft: Draft, contact: Contact, case: Case | None, attributes: dict[str, str]) -> str | None:
        rng = draft.rng
        if chance(rng, 0.6):
            draft.customer["externalContactId"] = contact.external_id_at(draft.start, draft.id)
        told = None
        if case is not None and chance(rng, TOLD):
            told = self._told_case(rng, contact, case, attributes)
        # An agent's script that got the case wrong still had the caller on the screen.
        wrong = told is not None and case is not None and told != case.id
        if wrong or chance(rng, 0.45):
            attributes["sfContactId"] = _spelled(rng, contact.id_at(draft.start // SECOND, rng))
        if wrong or chance(rng, 0.25):
            attributes["sfAccountId"] = _spelled(rng, contact.home_at(draft.start // SECOND).id)
        return told

    def _told_case(self, rng: random.Random, contact: Contact, case: Case, attributes: dict[str, str]) -> str | None:
        if chance(rng, 0.03):
            attributes["sfCaseId"] = rng.choice((f"{case.id} ", case.id[:17], "n/a", "", f"{case.id[:15]}zzz", contact.id))
            return None
        self._told += 1
        told = case.id
        if self._told % WRONG_EVERY == 0:
            told = self._other(rng, contact, case)
        attributes["sfCaseId"] = _spelled(rng, told)
        return told

    def _other(self, rng: random.Random, contact: Contact, case: Case) -> str:
        """A case it was not about: mostly somebody else's, now and then of the same customer or of nobody."""
        own: list[str] = [other.id for other in contact.cases if other is not case]
        if own and chance(rng, 0.2):
            return rng.choice(own)
        if chance(rng, 0.2):
            return salesforce_id("500", "nobody", case.id)
        strangers: list[str] = [other.id for other in rng.choice(self._people.contacts).cases if other is not case]
        return rng.choice(strangers) if strangers else salesforce_id("500", "nobody", case.id)


def _any(rng: random.Random, cases: list[Case]) -> Case | None:
    return rng.choice(cases) if cases else None


def _opened(contact: Contact, start: int, end: int) -> list[Case]:
    """The contact's cases that stand open throughout, in order of creation."""
    contact.lately = [case for case in contact.lately if case.closed is None or case.closed > start - LATELY]
    return sorted((case for case in contact.lately if case.is_open(start, end)), key=lambda case: (case.created, case.id))


def _spelled(rng: random.Random, record_id: str) -> str:
    return record_id[:15] if chance(rng, 0.2) else record_id


# Late identification: how long after its beginning a conversation's external contact may be associated.
LATE_IDENTITY = (30 * MINUTE, 3 * DAY * SECOND)
