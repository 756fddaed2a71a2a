"""Releases of the company's products, and the one that makes customers of one tier escalate.

Worlds of fewer than 16 days see one release, halfway; longer ones see one every 15 days from the ninth day on, of which one, with seven whole
days of the window on either side, has the effect. Times are epoch seconds. Not here: who escalates how often anyway (`stories.py`).
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.identifiers import chance, dice, salesforce_id
from genesys_crm_assets.sandbox.people import People
from genesys_crm_assets.sandbox.records import PREFIXES, Crm, Record
from genesys_crm_assets.sandbox.truth import Effect

HOUR = 3_600
DAY = 24 * HOUR
WEEK = 7 * DAY
PRODUCTS = ("Billing", "Portal", "Mobile")
TIERS = ("Enterprise", "Mid-Market", "Small Business")

EXTRA = 0.14
EVERY, FIRST, SHORT = 15, 8, 16
# The window may be run on for so long after its end.
BEYOND = 120
# With fewer callers in a tier than this many, or than this share of a small world's, a week shows nothing whatever happens.
ENOUGH, SHARE = 120, 0.3
LEAST = 0.10


class Listing(NamedTuple):
    """A release as the CRM lists it: of one product."""

    name: str
    product: str
    at: int


class Train:
    """The releases of a world whose window begins at `start`, and what the one with the effect does to whom."""

    def __init__(self, people: People, seed: int, start: int, days: int) -> None:
        self._people, self._seed, self._start, self._days = people, seed, start, days
        self._rng = dice(seed, "releases")
        if days < SHORT:
            self.listings = [self._listing(days * DAY // 2 + self._rng.randrange(-3, 4) * HOUR)]
            self.chosen = self.listings[0]
        else:
            self.listings = [self._listing(day * DAY + self._rng.randrange(24) * HOUR) for day in range(FIRST, days + BEYOND, EVERY)]
            self.chosen = self._rng.choice([one for one in self.listings if self._stands_alone(one)])
        self.tier = self._hit()

    def _listing(self, after: int) -> Listing:
        """A release so many seconds after the beginning of the window, and some odd minutes."""
        rng = self._rng
        at = self._start + after + rng.randrange(1, 60) * 60 + rng.randrange(60)
        day = clock.day_of(at * clock.SECOND)
        return Listing(f"{day.year}.{day.timetuple().tm_yday // EVERY + 1:02d}", rng.choice(PRODUCTS), at)

    def _stands_alone(self, listing: Listing) -> bool:
        return self._start + WEEK <= listing.at <= self._start + self._days * DAY - WEEK

    def _hit(self) -> str:
        contacts = self._people.contacts
        callers = Counter(contact.tier_at(self.chosen.at) for contact in contacts)
        wanted = max(LEAST * len(contacts), min(ENOUGH, SHARE * len(contacts)))
        enough = [tier for tier in TIERS if callers[tier] >= wanted]
        return self._rng.choice(enough or [max(TIERS, key=lambda tier: callers[tier])])

    def effect(self) -> Effect:
        """Which release it was, and for whom."""
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.chosen.at)
        return Effect(self.chosen.name, self.chosen.product, at, self.tier)

    def uplift(self, tier: str | None, at: int) -> float:
        """How much likelier a conversation that begins at `at` (epoch milliseconds) with a customer of that tier escalates."""
        return EXTRA if tier == self.tier and at >= self.chosen.at * clock.SECOND else 0.0

    def announce(self, crm: Crm) -> None:
        """List every release in the CRM days before it comes: many for two products, and one that was withdrawn in time."""
        self._list(crm, self.chosen)
        for place, listing in enumerate(one for one in self.listings if one != self.chosen):
            self._list(crm, listing)
            if place % 2 == 0:
                self._list(crm, self._for_another(listing))
        first = self.listings[0]
        withdrawn = self._list(crm, self._for_another(first), "withdrawn")
        withdrawn.changes.clear()
        withdrawn.change(max(self._start + HOUR, first.at - DAY), {"IsDeleted": True})

    def _for_another(self, listing: Listing) -> Listing:
        return listing._replace(product=self._rng.choice([product for product in PRODUCTS if product != listing.product]))

    def _list(self, crm: Crm, listing: Listing, key: str = "") -> Record:
        rng = self._rng
        values = {
            "Name": listing.name,
            "Product__c": listing.product,
            "Released_At__c": clock.crm(listing.at),
            "IsDeleted": False,
        }
        release_id = salesforce_id(PREFIXES["Release__c"], self._seed, listing.name, listing.product, key)
        created = listing.at - rng.randrange(2 * DAY, 9 * DAY)
        record = crm.add(Record("Release__c", release_id, created, rng.choice(self._people.users), values))
        if chance(rng, 0.4):
            # Somebody ticks it off on the day.
            record.change(listing.at + rng.randrange(HOUR, 5 * HOUR), {})
        return record
