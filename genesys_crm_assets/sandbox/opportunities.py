"""Opportunities: how deals are opened, grow, slip, change hands, are won or lost, and now and then come back.

Times are epoch seconds of the CRM's clock. Not here: accounts (`people.py`).
"""

import random

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.identifiers import chance, dice, salesforce_id
from genesys_crm_assets.sandbox.people import HISTORY_DAYS, People
from genesys_crm_assets.sandbox.records import PREFIXES, Crm, Record, Row

HOUR = 3_600
DAY = 24 * HOUR

# Each stage with the probability in per cent that comes with it.
OPEN = {"Prospecting": 10.0, "Qualification": 20.0, "Proposal": 50.0, "Negotiation": 80.0}
WON, LOST = "Closed Won", "Closed Lost"
_WHAT = ("Renewal", "Expansion", "New seats", "Pilot", "Support plan")
_SIZES = {"Enterprise": 120_000, "Mid-Market": 35_000, "Small Business": 6_000, None: 9_000}

CLOSE_DATE_TRACKED_DAYS = 30
# An account begins a deal so many days after the last one.
RHYTHM = 50


class Pipeline:
    """Where deals are opened; the window begins at `start`."""

    def __init__(self, crm: Crm, people: People, seed: int, start: int) -> None:
        self._crm, self._people, self._seed, self._start = crm, people, seed, start
        self._count = 0
        crm.tracked_since["Opportunity", "CloseDate"] = start - CLOSE_DATE_TRACKED_DAYS * DAY

    def backlog(self, days: int) -> None:
        """The deals of the months before the window of so many days, and what happens in it for sure."""
        rng = dice(self._seed, "opportunities")
        for account in self._people.accounts:
            for _ in range(rng.choice((2, 3, 4, 5))):
                self._whole(rng, account, self._start - rng.randrange(DAY, HISTORY_DAYS * DAY))
        self._for_sure(rng, min(days, 7) * DAY)

    def day(self, midnight: int) -> None:
        """The deals that are opened on a day, of which the rest is drawn too."""
        rng = dice(self._seed, "opportunities", midnight)
        for account in self._people.accounts:
            if chance(rng, 1 / RHYTHM):
                self._whole(rng, account, midnight + rng.randrange(DAY))

    def _open(self, rng: random.Random, account: Record, created: int) -> Record:
        self._count += 1
        size = _SIZES[account.value("Account_Tier__c", created)] * rng.lognormvariate(0, 0.6)
        values: Row = {
            "Name": f"{account.values['Name']} - {rng.choice(_WHAT)} {self._count}",
            "AccountId": account.id,
            "OwnerId": account.value("OwnerId", created),
            **_staged("Prospecting"),
            "Amount": None if chance(rng, 0.05) else round(size, 2),
            "CloseDate": _date(created + rng.randrange(20, 90) * DAY),
            "IsDeleted": False,
        }
        opportunity_id = salesforce_id(PREFIXES["Opportunity"], self._seed, "opportunity", self._count)
        return self._crm.add(Record("Opportunity", opportunity_id, created, rng.choice(self._people.users), values))

    def _whole(self, rng: random.Random, account: Record, created: int) -> None:
        """A deal from its opening to its end."""
        deal, at = self._open(rng, account, created), created
        for stage in list(OPEN)[1:]:
            at += rng.randrange(2 * DAY, 25 * DAY)
            if chance(rng, 0.15):
                break
            deal.change(at, {**_staged(stage), **self._resized(rng, deal)})
        at += rng.randrange(DAY, 20 * DAY)
        self._meanwhile(rng, deal, at)
        if chance(rng, 0.04):
            # Nobody ever closes it.
            return
        won = chance(rng, 0.5)
        _close(deal, at, won=won)
        if not won and chance(rng, 0.1):
            at += rng.randrange(DAY, 20 * DAY)
            deal.change(at, {**_staged("Negotiation"), "CloseDate": _date(at + 30 * DAY)})
            at += rng.randrange(DAY, 20 * DAY)
            _close(deal, at, won=chance(rng, 0.6))
        if chance(rng, 0.04):
            at += rng.randrange(HOUR, 5 * DAY)
            deal.change(at, {"IsDeleted": True})
            if chance(rng, 0.5):
                deal.change(at + rng.randrange(HOUR, 3 * DAY), {"IsDeleted": False})

    @staticmethod
    def _resized(rng: random.Random, deal: Record) -> Row:
        known = deal.values["Amount"]
        return {"Amount": round(known * rng.uniform(0.6, 1.5), 2)} if known is not None and chance(rng, 0.3) else {}

    def _meanwhile(self, rng: random.Random, deal: Record, end: int) -> None:
        """What happens to a deal before it ends, whatever its stage."""
        if chance(rng, 0.5):
            at = rng.randrange(deal.created, end)
            deal.change(at, {"CloseDate": _date(at + rng.randrange(15, 60) * DAY)})
        if chance(rng, 0.15):
            deal.change(rng.randrange(deal.created, end), {"OwnerId": rng.choice(self._people.users)})
        if chance(rng, 0.03):
            deal.change(rng.randrange(deal.created, end), {"AccountId": rng.choice(self._people.accounts).id})
        if chance(rng, 0.05):
            deal.change(rng.randrange(deal.created, end), {})

    def _for_sure(self, rng: random.Random, span: int) -> None:
        """Inside the first `span` seconds of the window: one deal reopened, one deleted and back, one moved, and one that changes in all."""
        accounts, users = self._people.accounts, self._people.users
        homes = [accounts[place % len(accounts)] for place in range(4)]
        reopened, gone, moved, busy = (self._open(rng, home, self._start - rng.randrange(12 * DAY, 40 * DAY)) for home in homes)

        def moment(share: float) -> int:
            return self._start + int(span * (share + rng.uniform(0, 0.1)))

        _close(reopened, self._start - 5 * DAY, won=False)
        reopened.change(moment(0.3), {**_staged("Negotiation"), "CloseDate": _date(self._start + 40 * DAY)})
        gone.change(moment(0.2), {"IsDeleted": True})
        gone.change(moment(0.6), {"IsDeleted": False})
        moved.change(moment(0.4), {"AccountId": accounts[-1].id})
        at = moment(0.5)
        others = [user for user in users if user != busy.values["OwnerId"]]
        busy.change(at, {**_staged("Proposal"), "Amount": 12_345.5, "OwnerId": rng.choice(others)})
        busy.change(at, {"CloseDate": _date(self._start + 77 * DAY)})
        _close(busy, moment(0.7), won=True)


def _staged(stage: str) -> Row:
    probability = OPEN.get(stage, 100.0 if stage == WON else 0.0)
    return {"StageName": stage, "Probability": probability, "IsClosed": stage not in OPEN, "IsWon": stage == WON}


def _close(deal: Record, at: int, *, won: bool) -> None:
    deal.change(at, {**_staged(WON if won else LOST), "CloseDate": _date(at)})


def _date(seconds: int) -> str:
    """The UTC day of a moment, as REST tells a date."""
    return clock.day_of(seconds * clock.SECOND).isoformat()
