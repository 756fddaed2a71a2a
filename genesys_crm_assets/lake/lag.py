"""Which objects no longer say what the objects they were built from say: computed from papers, never remembered (§4).

So no crash can lose it. Papers are looked at once, however many days are judged. `audit.data_status` says the same in SQL, with the same
fingerprints; whoever changes one here changes it there. Not here: rebuilding what lags.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table

_ORDER = "order received"
_AWAITED = "awaited "


class _Held(NamedTuple):
    """What one object holds of one day: when it was received, the object's own day, and a digest of what is held."""

    received_at: str
    origin: date
    digest: str


class _Look:
    """The papers of a lake, looked at once: what was listed or gathered for one day serves every other day of the same look.

    Objects that hold rows of several days are of the last of these days or later, so a look for one day begins there.
    """

    def __init__(self, storage: Folder, since: date = date.min) -> None:
        self._storage, self._since, self._root = storage, since, storage.url("")
        self._days: dict[str, list[date]] = {}
        self._held: dict[str, dict[date, list[_Held]] | None] = {}
        self._whole: dict[str, str] = {}

    def days(self, table: Table) -> list[date]:
        """The days a table has an object for, in order."""
        if table.name not in self._days:
            self._days[table.name] = self._storage.days(table)
        return self._days[table.name]

    def papers(self, table: Table, day: date | None) -> parquet.Papers | None:
        """What an object says of itself; None where it is absent."""
        try:
            return parquet.papers(f"{self._root}/{layout.object_key(table, day)}")
        except FileNotFoundError:
            return None

    def stamp(self, table: Table, day: date | None) -> str:
        """What followers of an object compare: its content, and when its vendor was read where it says so; empty where it is absent."""
        stated = self.papers(table, day)
        if stated is None:
            return ""
        reads = stated.get("reads")
        return f"{stated.get('content')}|{_digest([reads])[:16]}" if reads else stated.get("content")

    def held(self, table: Table, day: date) -> list[_Held]:
        """What a table's objects hold of one day, in the order they were received."""
        return (self._starts(table) or {}).get(day, [])

    def awaited(self, table: Table, day: date) -> str:
        """The fingerprint of what a table says that may still change an unsettled object of a day.

        Where objects say what they hold of which day: what those of this day and later hold of days up to it. Else all objects.
        """
        starts = self._starts(table)
        if starts is None:
            if table.name not in self._whole:
                self._whole[table.name] = _digest(f"{one}={self.stamp(table, one)}" for one in self.days(table))
            return self._whole[table.name]
        received: dict[date, str] = {}
        said: dict[date, list[str]] = {}
        for start in sorted(one for one in starts if one <= day):
            for held in starts[start]:
                if held.origin >= day:
                    received[held.origin] = max(received.get(held.origin, ""), held.received_at)
                    said.setdefault(held.origin, []).append(f"{start}={held.digest}")
        ordered = sorted(said, key=lambda origin: (received[origin], origin))
        return _digest(f"{origin}:{'+'.join(said[origin])}" for origin in ordered)

    def _starts(self, table: Table) -> dict[date, list[_Held]] | None:
        """The paper `starts` of all objects turned about: from the day something is of to the objects that hold it; None without papers."""
        if table.name not in self._held:
            found: dict[date, list[_Held]] = {}
            is_told = False
            for origin in self.days(table):
                stated = self.papers(table, origin) if origin >= self._since else None
                text = stated.get("starts") if stated else ""
                is_told = is_told or bool(text)
                for start, (received_at, digest) in _parsed(text or "{}").items():
                    if start <= origin:
                        found.setdefault(start, []).append(_Held(received_at, origin, digest))
            for held in found.values():
                held.sort()
            self._held[table.name] = found if is_told else None
        return self._held[table.name]


def stamp(storage: Folder, table: Table, day: date | None) -> str:
    """What followers of an object compare: its content, and when its vendor was read where it says so; empty where there is no object."""
    return _Look(storage).stamp(table, day)


def expected_sources(storage: Folder, body: Body, day: date | None, *, settled: bool = True) -> dict[str, str]:
    """What an object built now would state it was built from; an unsettled one, all that it may await too."""
    return _expected(_Look(storage, day or date.min), body, day, () if settled else body.awaits)


def lagging(storage: Folder, table: Table, body: Body) -> list[date]:
    """The days whose object is absent or was built from something else, though everything it follows is there; in order."""
    if not table.daily or not body.follows:
        return []
    look = _Look(storage)
    ready = set(look.days(body.follows[0])).intersection(*(look.days(followed) for followed in body.follows[1:]))
    return [day for day in sorted(ready) if _lags(storage, look, table, body, day)]


def _expected(look: _Look, body: Body, day: date | None, awaits: Iterable[Table]) -> dict[str, str]:
    sources = {table.name: look.stamp(table, day) for table in body.follows if table is not body.gathers}
    if day is None:
        return sources
    if body.gathers is not None:
        # What is held is told apart from the order it was received in: of several tellings the last wins (§6.1), where they differ.
        held = look.held(body.gathers, day)
        sources[body.gathers.name] = _digest(f"{one.origin}={one.digest}" for one in sorted(held, key=lambda one: one.origin))
        sources[_ORDER] = ",".join(one.origin.isoformat() for one in held)
    return sources | {f"{_AWAITED}{table.name}": look.awaited(table, day) for table in awaits}


def _lags(storage: Folder, look: _Look, table: Table, body: Body, day: date) -> bool:
    papers = look.papers(table, day)
    if papers is None:
        return True
    stated: dict[str, str] = json.loads(papers.get("built_from", "{}"))
    still = papers.get("settled").split(",")
    expected = _expected(look, body, day, [awaited for awaited in body.awaits if awaited.name in still])
    names = {*expected, *(name for name in stated if not name.startswith(_AWAITED))}
    differing = {name for name in names if stated.get(name) != expected.get(name)}
    if differing == {_ORDER} and body.gathers is not None and body.gathered_by is not None:
        return _differ(storage, body.gathers, body.gathered_by, day, _swapped(stated.get(_ORDER, ""), expected[_ORDER]))
    return bool(differing)


def _swapped(before: str, now: str) -> list[tuple[date, date]]:
    places = {origin: place for place, origin in enumerate(before.split(","))}
    pairs = combinations(now.split(","), 2)
    return [(date.fromisoformat(one), date.fromisoformat(other)) for one, other in pairs if places.get(one, 0) > places.get(other, -1)]


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


@lru_cache(maxsize=20_000)
def _parsed(text: str) -> dict[date, tuple[str, str]]:
    parsed: dict[str, dict[str, Any]] = json.loads(text)
    return {date.fromisoformat(day): (held["received_at"], held["digest"]) for day, held in parsed.items()}
