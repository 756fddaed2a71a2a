"""The world of a seed: everything that happened at both vendors, drawn day by day, and what of it is known at a moment.

The same (seed, start, days, per_day) give the same world byte for byte; the content clock only decides how much of it can be seen.
Not here: how anybody asks for it (`genesys.py`, `salesforce.py`).
"""

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from genesys_crm_assets.sandbox import clock, conversations, malformed, rhythm
from genesys_crm_assets.sandbox.address_book import AddressBook
from genesys_crm_assets.sandbox.cases import Desk
from genesys_crm_assets.sandbox.centre import Centre
from genesys_crm_assets.sandbox.conversations import EXPIRED_WAIT, Occasion
from genesys_crm_assets.sandbox.directory import Directory
from genesys_crm_assets.sandbox.draft import Draft, Metric
from genesys_crm_assets.sandbox.identifiers import chance, dice
from genesys_crm_assets.sandbox.opportunities import Pipeline
from genesys_crm_assets.sandbox.people import settle
from genesys_crm_assets.sandbox.records import Crm, Row
from genesys_crm_assets.sandbox.releases import Train
from genesys_crm_assets.sandbox.scores import scores
from genesys_crm_assets.sandbox.stories import LATE_IDENTITY, Caller, Origin, Teller
from genesys_crm_assets.sandbox.tellings import Conversation
from genesys_crm_assets.sandbox.truth import WITHIN_REACH, Effect, Truth
from genesys_crm_assets.sandbox.upheavals import Upheaval

# Of the day before the window only the evening matters: it reaches over midnight.
EVENING = 21 * clock.HOUR
ONE_IN = 400
# A few conversations never end and are told of every day from then on; one a day would be half of what a day tells after a year.
ORPHANS_EVERY = 28
LONG = 7 * clock.DAY


class World:
    """Both vendors' past, present and future, drawn as far as it is needed."""

    def __init__(self, seed: int, start: date, days: int, per_day: int) -> None:
        self.seed, self.start, self.days, self.per_day = seed, start, days, per_day
        self.conversations: list[Conversation] = []
        self.by_id: dict[str, Conversation] = {}
        self.origins: dict[str, Origin] = {}
        self.metrics: dict[int, list[Metric]] = defaultdict(list)
        # Conversations by the UTC days they last; apart from them those that last for weeks or for ever.
        self._lasting: dict[int, list[Conversation]] = defaultdict(list)
        self._longest: list[Conversation] = []
        self.crm = Crm()
        begin = clock.midnight(start)
        self.directory = Directory(Centre.of(seed, per_day), seed, begin, days)
        people = settle(self.crm, seed, per_day, begin)
        self.book = AddressBook(people.contacts, seed, begin, days)
        self._desk = Desk(self.crm, people, seed)
        self._desk.backlog(begin // clock.SECOND, days)
        Upheaval(self.crm, people, self._desk, seed).befall(begin // clock.SECOND, days)
        self._pipeline = Pipeline(self.crm, people, seed, begin // clock.SECOND)
        self._pipeline.backlog(days)
        self._train = Train(people, seed, begin // clock.SECOND, days)
        self._train.announce(self.crm)
        self._teller = Teller(people, self._desk, clock.Skew(dice(seed, "skew").random()), self._train, start=start)
        self._tables: tuple[int, int, dict[str, list[Row]]] = (-1, -1, {})
        self._drawn = start - timedelta(days=1)
        self._before()

    def ensure(self, now: int) -> None:
        """Draw every day that can be seen at `now` (epoch milliseconds)."""
        # The CRM's clock may be ahead: what begins in an hour may have left its trace already.
        last = clock.day_of(now + clock.HOUR)
        while self._drawn <= last:
            self._day(self._drawn)
            self._drawn += timedelta(days=1)

    def active(self, start: int, end: int, known: int) -> Iterator[Conversation]:
        """Conversations going on in [start, end), as far as is known at `known`, by their beginning; malformed records too."""
        days = range(start // clock.DAY, -(-end // clock.DAY))
        # Each stands at the first of the asked days that it touches, so that none is found twice.
        found = [one for day in days for one in self._lasting.get(day, ()) if day in {days[0], one.start // clock.DAY}]
        return iter(sorted((one for one in (*found, *self._longest) if one.active(start, end, known)), key=_in_order))

    def effect(self) -> Effect:
        """The release that changed something in this world."""
        return self._train.effect()

    def tables(self, now: int) -> dict[str, list[Row]]:
        """The CRM's tables as they stand at `now` (epoch milliseconds), deleted rows too."""
        at, drawn, tables = self._tables
        if (at, drawn) != (now, self._drawn.toordinal()):
            tables = self.crm.tables(now // clock.SECOND)
            self._tables = now, self._drawn.toordinal(), tables
        return tables

    def truth(self, now: int) -> dict[str, Truth]:
        """The truth about every conversation that has begun by `now`, by conversation id."""
        begun = (conversation for conversation in self.conversations if conversation.id and conversation.start <= now)
        return {conversation.id: self._truth(self.origins[conversation.id], now // clock.SECOND) for conversation in begun}

    @staticmethod
    def _truth(origin: Origin, now: int) -> Truth:
        case, contact = origin.case, origin.contact
        return Truth(
            case_id=case.id if case else None,
            contact_id=contact.id if contact else None,
            told_case_id=origin.told,
            reachable=case is not None and origin.how in WITHIN_REACH and case.created <= now,
            how=origin.how,
        )

    def _before(self) -> None:
        """Conversations that began before the window and reach into it: some open for days, one for two months."""
        rng = dice(self.seed, "before")
        begin = clock.midnight(self.start)
        starts = sorted(begin - rng.randrange(clock.HOUR, 60 * clock.HOUR) for _ in range(max(3, self.per_day // 150)))
        occasions = [self._occasion(rng, at, "long") for at in starts]
        occasions.insert(0, self._occasion(rng, begin + 10 * clock.HOUR - EXPIRED_WAIT, "expired"))
        for occasion, caller in occasions:
            self._converse(rng, occasion, caller)

    def _day(self, day: date) -> None:
        rng = dice(self.seed, day)
        midnight = clock.midnight(day)
        starts = rhythm.starts(rng, day, self.per_day)
        if day < self.start:
            starts = [at for at in starts if at >= midnight + EVENING]
        else:
            self._desk.unrelated(rng, midnight // clock.SECOND, max(1, self.per_day // 60))
            self._pipeline.day(midnight // clock.SECOND)
        for place, at in enumerate(starts):
            self._converse(rng, *self._occasion(rng, at, self._special(day, place)))
        if day >= self.start:
            kinds = malformed.quota((day - self.start).days, self.days, self.per_day)
            for kind in kinds:
                self._keep(malformed.record(rng, kind, midnight))
        # What began before this day is in order; of the day before the window, everything is new.
        first = bisect_left(self.conversations, (midnight, ""), key=_in_order) if day >= self.start else 0
        self.conversations[first:] = sorted(self.conversations[first:], key=_in_order)

    def _special(self, day: date, place: int) -> str:
        if place % ONE_IN == ONE_IN // 8:
            return "long"
        is_orphan = place % ONE_IN == ONE_IN // 4 and (day - self.start).days % ORPHANS_EVERY == 0
        return "endless" if is_orphan else ""

    def _keep(self, conversation: Conversation) -> None:
        self.conversations.append(conversation)
        if conversation.end is None or conversation.end - conversation.start > LONG:
            self._longest.append(conversation)
            return
        for day in range(conversation.start // clock.DAY, conversation.end // clock.DAY + 1):
            self._lasting[day].append(conversation)

    def _occasion(self, rng: random.Random, at: int, special: str) -> tuple[Occasion, Caller]:
        caller = self._teller.caller(rng, at)
        media = {"long": "message", "endless": "message", "expired": "callback"}.get(special) or rhythm.medium(rng)
        return Occasion(at, media, caller.phone, caller.email, special), caller

    def _converse(self, rng: random.Random, occasion: Occasion, caller: Caller) -> None:
        draft = conversations.write(rng, self.directory.centre(occasion.start), occasion)
        origin = self._teller.identify(draft, caller, *self._teller.about(draft, caller))
        conversation = self._sealed(draft)
        self._keep(conversation)
        self.by_id[conversation.id] = conversation
        self.origins[conversation.id] = origin
        for metric in draft.metrics():
            self.metrics[metric.emitted // clock.DAY].append(metric)

    def _sealed(self, draft: Draft) -> Conversation:
        rng = draft.rng
        scored, last_score = scores(draft, self.seed)
        identified = draft.start
        if "externalContactId" in draft.customer and chance(rng, 0.03):
            identified += rng.randrange(*LATE_IDENTITY)
        if len(self.conversations) % ONE_IN == ONE_IN // 2:
            # Services add fields and values without notice.
            draft.extra["sentimentSummary"] = {"score": 0.4, "trend": "rising"}
            for segment in draft.sessions[0].body["segments"][-1:]:
                segment["disconnectType"] = "gracefulExit"
        settled = clock.MINUTE * 10**9 if draft.endless else max(draft.reached, last_score, identified)
        return Conversation(
            id=draft.id,
            start=draft.start,
            end=None if draft.endless else draft.reached,
            settled=settled,
            identified=identified,
            told=msgspec.json.encode(draft.record() | scored),
        )


def _in_order(conversation: Conversation) -> tuple[int, str]:
    return conversation.start, conversation.id
