"""Which objects no longer say what the objects they were built from say: computed from papers, never remembered (§4).

So no crash can lose it. Not here: rebuilding them.
"""

import hashlib
import json
from datetime import date
from functools import lru_cache
from typing import Any

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table


def stamp(storage: Folder, table: Table, day: date | None) -> str:
    """What followers of an object compare: its content, and when its vendor was read where it says so; empty where there is no object."""
    key = layout.object_key(table, day)
    if not storage.exists(key):
        return ""
    stated = parquet.papers(storage.url(key))
    return (
        f"{stated.get('content')}|{hashlib.sha256(stated.get('reads').encode()).hexdigest()[:16]}"
        if stated.get("reads")
        else stated.get("content")
    )


def gathered(storage: Folder, table: Table, day: date) -> str:
    """The fingerprint of all rows that a table's objects hold of one day.

    Each object's paper `starts` maps a day to the digest of what it holds of it and to when that was received. Objects are taken in the
    order they were received, since of several tellings the last wins (§6.1).
    """
    held: list[tuple[str, str, str]] = []
    for origin in storage.days(table):
        if origin >= day:
            starts: dict[str, dict[str, Any]] = _starts(storage, table, origin)
            if (found := starts.get(day.isoformat())) is not None:
                held.append((found["received_at"], origin.isoformat(), found["digest"]))
    ordered = json.dumps([(origin, digest) for _, origin, digest in sorted(held)])
    return hashlib.sha256(ordered.encode()).hexdigest()


def expected_sources(storage: Folder, body: Body, day: date | None) -> dict[str, str]:
    """What an object built now would state it was built from."""
    sources = {table.name: stamp(storage, table, day) for table in body.follows if table is not body.gathers}
    if body.gathers is not None and day is not None:
        sources[body.gathers.name] = gathered(storage, body.gathers, day)
    return sources


def lagging(storage: Folder, table: Table, body: Body) -> list[date]:
    """The days whose object is absent or was built from something else, though everything it follows is there; in order."""
    if not table.daily or not body.follows:
        return []
    ready = set(storage.days(body.follows[0]))
    for followed in body.follows[1:]:
        ready &= set(storage.days(followed))
    return [day for day in sorted(ready) if _lags(storage, table, body, day)]


def _lags(storage: Folder, table: Table, body: Body, day: date) -> bool:
    key = layout.object_key(table, day)
    if not storage.exists(key):
        return True
    stated = parquet.papers(storage.url(key)).get("built_from", "{}")
    return bool(json.loads(stated) != expected_sources(storage, body, day))


def _starts(storage: Folder, table: Table, day: date) -> dict[str, dict[str, Any]]:
    return _parsed(parquet.papers(storage.url(layout.object_key(table, day))).get("starts", "{}"))


@lru_cache(maxsize=4_000)
def _parsed(text: str) -> dict[str, dict[str, Any]]:
    parsed: dict[str, dict[str, Any]] = json.loads(text)
    return parsed
