"""External contacts as Genesys tells them, made by hand: records, results of many at once, and the rows of raw pages that hold them.

Not here: who is asked (`sources/scripted_contacts.py`), or what must come of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from genesys_crm_assets.raw.genesys_external_contacts import CANONICAL, EXPANDED, MET

Record = dict[str, Any]


def uid(number: int) -> str:
    """The Genesys id of the numbered external contact."""
    return f"e0000000-0000-4000-8000-{number:012d}"


def contact(number: int, *values: str, url: str | None = None, into: int | None = None, canonical: int | None = None) -> Record:
    """A record: the values of its external ids, its address, the contact it was merged into, and the head of its merges."""
    told: Record = {"id": uid(number), "type": "Curated", "firstName": "Ada", "workEmail": "ada@example.com"}
    if values:
        told["externalIds"] = [{"externalSource": {"id": "s", "name": "Loader"}, "value": value} for value in values]
    if url is not None:
        told["externalSystemUrl"] = url
    if into is not None:
        told["mergedTo"] = {"id": uid(into)}
    if canonical is not None:
        told["canonicalContact"] = {"id": uid(canonical)}
    return told


def sources(*urls: str, platform: str = "SALESFORCE") -> dict[str, Any]:
    """What only an expanded record tells."""
    return {"externalDataSources": [{"platform": platform, "url": url} for url in urls]}


def found(record: Record) -> Record:
    """The result of a contact that is there."""
    return {"id": record["id"], "success": True, "status": 200, "entity": record}


def failed(contact_id: str, status: int = 404, code: str = "not.found", *, retryable: bool = False) -> Record:
    """The result of one that cannot be had."""
    error = {"code": code, "message": f"about {contact_id}", "status": status, "retryable": retryable}
    return {"id": contact_id, "success": False, "status": status, "error": error}


def answer(results: Sequence[Record]) -> bytes:
    """The body of a page of many."""
    places = [place for place, result in enumerate(results) if not result["success"]]
    return json.dumps({"results": list(results), "errorCount": len(places), "errorIndexes": places}).encode()


def page(
    asked: Sequence[str], results: Sequence[Record], *, number: int, received_at: datetime, feed: str = MET, last: bool = True
) -> Record:
    """A row of `raw_genesys_external_contacts`: a page of many."""
    request = {"method": "POST", "path": "/bulk", "query": {}, "body": {"entities": [{"id": one} for one in asked]}}
    return _row(feed, request, answer(results), number, received_at, cursor=None, last=last)


def single(contact_id: str, record: Record, *, number: int, received_at: datetime, last: bool = True) -> Record:
    """A row of the same: one expanded record."""
    request = {"method": "GET", "path": f"/contacts/{contact_id}", "query": {"expand": "externalDataSources"}, "body": None}
    return _row(EXPANDED, request, json.dumps(record).encode(), number, received_at, cursor=contact_id, last=last)


def pages(
    met: Sequence[str], book: Mapping[str, Record], received_at: datetime, expanded: Mapping[str, Record] | None = None
) -> list[Record]:
    """The rows of a day on which these were met, told by a book of all records that Genesys knows."""
    told = [found(book[one]) if one in book else failed(one) for one in met]
    rows = [page(met, told, number=1, received_at=received_at)] if met else []
    others = sorted(book.keys() - set(met))
    if met and others:
        rows.append(page(others, [found(book[one]) for one in others], number=2, received_at=received_at, feed=CANONICAL))
    for place, (one, record) in enumerate((expanded or {}).items(), 1):
        rows.append(single(one, record, number=len(rows) + 1, received_at=received_at, last=place == len(expanded or {})))
    return rows


def _row(feed: str, request: Record, body: bytes, number: int, received_at: datetime, *, cursor: str | None, last: bool) -> Record:
    told = {"page": number, "feed": feed, "request": json.dumps(request), "cursor": cursor, "record_count": 1, "is_last": last}
    digest = {"body": body, "body_sha256": hashlib.sha256(body).hexdigest(), "received_at": received_at}
    return {**told, **digest, "attempts": 1, "waited_ms": 0, "run_id": "a run"}
