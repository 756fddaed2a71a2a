"""Genesys' external contacts: which there are, how each names the CRM's contact if at all, and which were merged into which, and when.

A conversation keeps the id it had when it took place, merged away since or not. Not here: how they are asked for (`external_contacts.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from genesys_crm_assets.sandbox.clock import DAY, HOUR, MINUTE
from genesys_crm_assets.sandbox.identifiers import dice, fixed_uuid
from genesys_crm_assets.sandbox.people import Contact

# How an external contact names the CRM's: a value of externalIds (18 or 15 characters), a source of data, a URL, an id of another org, a
# value among others that are none, or not at all. Every contact of twenty in a row has its own way.
WAYS = (
    *("value", "source", "url", "value", "none", "value", "source", "url", "value", "stranger"),
    *("value", "source", "url", "second", "value", "none", "short", "source", "url", "value"),
)
_FIFTY, _EXPIRED = 50, 23
_SEVEN, _TWICE = 7, 3
_CHAIN, _LATE = 4, 3


class Merge(NamedTuple):
    """Into which external contact one was merged, when (epoch milliseconds); one that lags never hears of what happened to that one."""

    into: str
    at: int
    lags: bool


@dataclass(slots=True)
class Card:
    """An external contact that Genesys knows; `place` is its contact's among all of the CRM's who may call."""

    id: str
    contact: Contact
    place: int
    way: str
    created: int
    merge: Merge | None = None

    def merged(self, now: int) -> Merge | None:
        """The merge it vanished in by now."""
        return self.merge if self.merge and self.merge.at <= now else None


class AddressBook:
    """Every external contact of a seed: one or several for each contact, who then knows of the duplicates, and none for the expired."""

    def __init__(self, contacts: Iterable[Contact], seed: int, begin: int, days: int) -> None:
        self.seed = seed
        self._rng = dice(seed, "address book")
        self._begin, self._span = begin, days * DAY
        self._twins = 0
        # By the id of the first: all external contacts of one contact, where there are several.
        self._families: dict[str, list[Card]] = {}
        cards = (card for place, contact in enumerate(contacts) for card in self._cards(place, contact))
        self.cards = {card.id: card for card in cards}

    def merges(self, card: Card, now: int) -> list[Card]:
        """The external contacts merged into this one by now, in one step."""
        family = self._families.get(card.contact.external_id, [])
        return [other for other in family if (merge := other.merged(now)) and merge.into == card.id]

    def canonical(self, card: Card, now: int) -> str | None:
        """What it calls its canonical contact: as far as it has heard, the one everything was merged into; none without a merge."""
        if card.merged(now) is None:
            return card.id if self.merges(card, now) else None
        at = card
        while merge := at.merged(now):
            at = self.cards[merge.into]
            if merge.lags:
                break
        return at.id

    def _cards(self, place: int, contact: Contact) -> Iterator[Card]:
        created = self._begin - (100 + place % 300) * DAY
        if place % _FIFTY == _EXPIRED:
            return
        # One loaded under the CRM's own id says nothing else of it.
        own = contact.external_id == contact.record.id
        card = Card(contact.external_id, contact, place, "none" if own else WAYS[(place + self.seed) % len(WAYS)], created)
        yield card
        if place % _SEVEN == _TWICE and not own:
            yield from self._merged(card)

    def _merged(self, card: Card) -> Iterator[Card]:
        """The duplicates of a contact: one that was merged into it, now and then by way of another, and once in a circle."""
        kind, self._twins = self._twins, self._twins + 1
        # Every third merge is made in the days after the window.
        share = (
            self._rng.uniform(0.5, 0.95) * self._span if kind % _LATE != _LATE - 1 else self._span + self._rng.randrange(12 * HOUR, 3 * DAY)
        )
        at = self._begin + int(share) // MINUTE * MINUTE
        twin = self._twin(card, "twin", Merge(card.id, at, lags=kind == 0))
        others = [twin]
        if kind == 0:
            card.merge = Merge(twin.id, at, lags=True)
        elif kind % _CHAIN == 1:
            earlier = max(at - 6 * HOUR, self._begin + HOUR)
            others.append(self._twin(card, "triplet", Merge(twin.id, earlier, lags=kind % (2 * _CHAIN) == 1)))
        self._families[card.id] = [card, *others]
        card.contact.duplicates += [(other.id, other.merge.at) for other in others if other.merge]
        yield from others

    def _twin(self, card: Card, name: str, merge: Merge) -> Card:
        return Card(fixed_uuid(self.seed, f"external {name}", card.place), card.contact, card.place, "none", self._begin - 40 * DAY, merge)
