"""Which objects no longer say what the objects they were built from say: computed from papers, never remembered (§4).

So no crash can lose it. Papers are looked at once, however many days are judged. `audit.data_status` says the same in SQL, with the same
fingerprints; whoever changes one here changes it there. Not here: rebuilding what lags.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import msgspec
import pyarrow.parquet as pq

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table

_ORDER = "order received"
_AWAITED = "awaited "
_SHORT = 16
"""Characters of a digest by which what one day's objects hold is told apart."""


Sources = Callable[[str, str], dict[str, str]]
"""From the papers `settled` and `awaits_until` of an object to what it states it was built from."""


class _Held(NamedTuple):
    """What one object holds of one day: when it was received, the object's own day, and a digest of what is held."""

    received_at: str
    origin: date
    digest: str


class _Awaits(NamedTuple):
    """Which tables may still change an object, by what they say of days up to one."""

    tables: tuple[Table, ...]
    until: date


class _Look:
    """The papers of a lake, each looked at once: what was listed or gathered for one day serves every other day of the same look."""

    def __init__(self, storage: Folder) -> None:
        self._storage = storage
        self._days: dict[str, list[date]] = {}
        self._papers: dict[tuple[str, date | None], parquet.Papers | None] = {}
        self._stamps: dict[tuple[str, date | None], str] = {}
        self._held: dict[str, dict[date, list[_Held]] | None] = {}
        self._whole: dict[tuple[str, date], str] = {}

    def days(self, table: Table) -> list[date]:
        """The days a table has an object for, in order."""
        if table.name not in self._days:
            self._days[table.name] = self._storage.days(table)
        return self._days[table.name]

    def papers(self, table: Table, day: date | None) -> parquet.Papers | None:
        """What an object says of itself; None where it is absent."""
        known = table.name, day
        if known not in self._papers:
            self._papers[known] = self._storage.footers.papers(table.name, layout.object_key(table, day))
        return self._papers[known]

    def stamp(self, table: Table, day: date | None) -> str:
        """What followers of an object compare: its content, and when its vendor was read where it says so; empty where it is absent."""
        known = table.name, day
        if known not in self._stamps:
            stated = self.papers(table, day)
            reads = stated.get("reads") if stated else ""
            content = stated.get("content") if stated else ""
            self._stamps[known] = f"{content}|{_digest([reads])[:16]}" if reads else content
        return self._stamps[known]

    def held(self, table: Table, day: date) -> list[_Held]:
        """What a table's objects hold of one day, in the order they were received; what several hold alike, the last received says."""
        return _each_once((self._starts(table) or {}).get(day, []))

    def awaited(self, table: Table, day: date, until: date) -> str:
        """The fingerprint of what a table says that may still change an unsettled object of a day.

        Where objects say what they hold of which day: what those of this day and later hold of days up to it. Else the objects of days up
        to `until`.
        """
        later = self.later(table, day)
        if later is None:
            known = table.name, until
            if known not in self._whole:
                self._whole[known] = _digest(f"{one}={self.stamp(table, one)}" for one in self.days(table) if one <= until)
            return self._whole[known]
        return _digest(f"{start}:{'+'.join(one.digest for one in held)}" for start, held in later.items())

    def later(self, table: Table, day: date) -> dict[date, list[_Held]] | None:
        """What objects of a day and later hold of each day up to it, in order; None where objects do not say of which days they are."""
        starts = self._starts(table)
        if starts is None:
            return None
        found = ((start, _each_once(one for one in starts[start] if one.origin >= day)) for start in sorted(starts) if start <= day)
        return {start: held for start, held in found if held}

    def _starts(self, table: Table) -> dict[date, list[_Held]] | None:
        """The paper `starts` of all objects turned about: from the day something is of to the objects that hold it; None without papers."""
        if table.name not in self._held:
            stated = ((origin, self.papers(table, origin)) for origin in self.days(table))
            told = tuple((origin, text) for origin, papers in stated if papers is not None and (text := papers.get("starts")))
            self._held[table.name] = _turned(told) if told else None
        return self._held[table.name]


def stamp(storage: Folder, table: Table, day: date | None) -> str:
    """What followers of an object compare: its content, and when its vendor was read where it says so; empty where there is no object."""
    return _Look(storage).stamp(table, day)


def holding(storage: Folder, table: Table, day: date) -> list[date]:
    """The days whose object of a table holds something of a day, by its paper `starts`; none earlier than that day.

    What several hold alike is held by the one received last: the others would say the same, and be overruled.
    """
    return sorted(held.origin for held in _Look(storage).held(table, day))


def onward(storage: Folder, table: Table, day: date) -> list[date]:
    """The days from one on whose objects of a table hold something of days up to it; where objects do not say so, all later ones."""
    look = _Look(storage)
    held = look.later(table, day)
    holders = {one.origin for of_start in held.values() for one in of_start} if held is not None else set(look.days(table))
    return [one for one in look.days(table) if one == day or (one > day and one in holders)]


def expected_sources(storage: Folder, body: Body, day: date | None) -> Sources:
    """What an object built now would state it was built from: looked at now, and told by its papers `settled` and `awaits_until`.

    Those two are known only when the rows are: which tables of `Body.awaits` may still change them, and up to which of their days.
    """
    look = _Look(storage)
    _expected(look, body, day, _Awaits(body.awaits, date.max))

    def sources(settled: str, until: str) -> dict[str, str]:
        return _expected(look, body, day, _Awaits(_named(body, settled), _until(until)))

    return sources


def lagging(storage: Folder, table: Table, body: Body) -> list[date]:
    """The days whose object is absent or was built from something else, though everything it follows is there; in order."""
    if not table.daily or not body.follows:
        return []
    look = _Look(storage)
    ready = set(look.days(body.follows[0])).intersection(*(look.days(followed) for followed in body.follows[1:]))
    behind = [day for day in sorted(ready) if _lags(storage, look, table, body, day)]
    storage.footers.keep()
    return behind


def _each_once(held: Iterable[_Held]) -> list[_Held]:
    """What is held, in the order it was received, each digest as it was received last.

    A conversation without an end is told the same every day: what is told again unchanged makes nothing lag, since the last telling wins
    (§6.1), and the one before it was the same.
    """
    return sorted({one.digest: one for one in held}.values())


def _named(body: Body, settled: str) -> tuple[Table, ...]:
    still = settled.split(",")
    return tuple(awaited for awaited in body.awaits if awaited.name in still)


def _until(told: str) -> date:
    return date.fromisoformat(told) if told else date.max


def _expected(look: _Look, body: Body, day: date | None, awaits: _Awaits) -> dict[str, str]:
    sources = {table.name: look.stamp(table, day) for table in body.follows if table is not body.gathers}
    if day is None:
        return sources
    if body.gathers is not None:
        # What is held is told apart from the order it was received in: of several tellings the last wins (§6.1), where they differ.
        digests = [one.digest for one in look.held(body.gathers, day)]
        sources[body.gathers.name] = _digest(sorted(digests))
        sources[_ORDER] = ",".join(digest[:_SHORT] for digest in digests)
    return sources | {f"{_AWAITED}{table.name}": look.awaited(table, day, awaits.until) for table in awaits.tables}


def _lags(storage: Folder, look: _Look, table: Table, body: Body, day: date) -> bool:
    papers = look.papers(table, day)
    if papers is None:
        return True
    expected = _expected(look, body, day, _Awaits(_named(body, papers.get("settled")), _until(papers.get("awaits_until"))))
    if papers.get("built_from") == json.dumps(expected, sort_keys=True):
        return False
    stated: dict[str, str] = json.loads(papers.get("built_from", "{}"))
    names = {*expected, *(name for name in stated if not name.startswith(_AWAITED))}
    differing = {name for name in names if stated.get(name) != expected.get(name)}
    if differing == {_ORDER} and body.gathers is not None and body.gathered_by is not None:
        holders = {one.digest[:_SHORT]: one.origin for one in look.held(body.gathers, day)}
        swapped = [(holders[one], holders[other]) for one, other in _swapped(stated.get(_ORDER, ""), expected[_ORDER])]
        return _differ(storage, body.gathers, body.gathered_by, day, swapped)
    return bool(differing)


def _swapped(before: str, now: str) -> list[tuple[str, str]]:
    places = {digest: place for place, digest in enumerate(before.split(","))}
    return [(one, other) for one, other in combinations(now.split(","), 2) if places.get(one, 0) > places.get(other, -1)]


def _differ(storage: Folder, table: Table, columns: tuple[str, str, str], day: date, pairs: Sequence[tuple[date, date]]) -> bool:
    told = {origin: _told(storage, table, columns, day, origin) for pair in pairs for origin in pair}
    return any(told[one].get(thing, digests) != digests for one, other in pairs for thing, digests in told[other].items())


def _told(storage: Folder, table: Table, columns: tuple[str, str, str], day: date, origin: date) -> dict[str, set[str]]:
    of_day, thing, digest = columns
    url = storage.url(layout.object_key(table, origin))
    found: dict[str, set[str]] = {}
    for row in pq.read_table(url, columns=list(columns), filters=[(of_day, "=", day)], partitioning=None).to_pylist():
        found.setdefault(row[thing], set()).add(row[digest])
    return found


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(",".join(parts).encode()).hexdigest()


class _Start(msgspec.Struct):
    received_at: str
    digest: str


_DECODER = msgspec.json.Decoder(dict[date, _Start])


@lru_cache(maxsize=4)
def _turned(told: tuple[tuple[date, str], ...]) -> dict[date, list[_Held]]:
    """From objects and their papers `starts` to what is held of each day, in the order it was received.

    In an old lake every object holds something of most days before it, so this is read again only when one of them has changed, and a text
    that stands in many of them is kept once.
    """
    found: dict[date, list[_Held]] = {}
    kept: dict[str, str] = {}
    for origin, text in told:
        for start, held in _DECODER.decode(text).items():
            if start <= origin:
                received_at, digest = (kept.setdefault(one, one) for one in (held.received_at, held.digest))
                found.setdefault(start, []).append(_Held(received_at, origin, digest))
    for one in found.values():
        one.sort()
    return found
