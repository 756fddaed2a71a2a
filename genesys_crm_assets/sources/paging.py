"""A page of records as it was told, and the suspicion with which pages are walked.

The page keeps the vendor's bytes; what a record means is decided elsewhere.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from genesys_crm_assets.sources.errors import CursorRepeated

_EMPTY_PAGES_IN_A_ROW = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to one request for records.

    Attributes:
        number: 1, 2, … within what was asked.
        feed: who was asked for what, such as `conversation_jobs`.
        request: JSON text of `method, path, query, body`; no host, no secret.
        cursor: the cursor, page number or link that asked for this page; None for a first page that needs none.
        body: verbatim, after content-decoding.
        record_count: records in the body; for a count, the count.
        received_at: UTC, by the clock that was handed in.
        attempts: requests sent for it, since the page before it; submitting and polling a job included.
        waited_ms: milliseconds spent waiting for limits and between attempts.
        data_available_until: Genesys' `dataAvailabilityDate` as told with this page.
        checkpoint: opaque; asks for what follows, in another process too. None on the last page.
        is_last: the vendor said that nothing follows.
    """

    number: int
    feed: str
    request: str
    cursor: str | None
    body: bytes
    record_count: int
    received_at: datetime
    attempts: int
    waited_ms: int
    data_available_until: datetime | None
    checkpoint: str | None
    is_last: bool


@dataclass(slots=True)
class Suspicion:
    """What one walk has seen. A vendor that goes round in a circle is stopped at the first repetition (F-20)."""

    _cursors: set[str] = field(default_factory=set)
    _bodies: set[bytes] = field(default_factory=set)
    _empty: int = 0

    def examine(self, *, body: bytes, records: int, cursor: str | None) -> None:
        """Remember a page and the cursor that it hands out for the next.

        Raises:
            CursorRepeated: that cursor, or this page with its records, was there before; or nothing but empty pages comes.
        """
        if cursor is not None:
            if cursor in self._cursors:
                raise CursorRepeated("A page hands out a cursor that was handed out before")
            self._cursors.add(cursor)
        self._empty = 0 if records else self._empty + 1
        if self._empty > _EMPTY_PAGES_IN_A_ROW:
            raise CursorRepeated(f"{self._empty} empty pages in a row, each with a cursor")
        if records:
            digest = hashlib.sha256(body).digest()
            if digest in self._bodies:
                raise CursorRepeated("A page with records came a second time, byte for byte")
            self._bodies.add(digest)


def request_text(method: str, path: str, query: dict[str, str], body: Any = None) -> str:
    """The request as it is kept beside its page."""
    return json.dumps({"method": method, "path": path, "query": query, "body": body}, separators=(",", ":"))


def utc(text: str) -> datetime:
    """A time as vendors tell it, in UTC.

    Raises:
        ValueError: it cannot be read, or does not say its offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without offset")
    return moment.astimezone(UTC)


def milliseconds(moment: datetime) -> str:
    """`2026-11-19T00:00:00.000Z`.

    Raises:
        ValueError: the moment does not say its zone; it would be read in whatever zone this machine has.
    """
    if moment.tzinfo is None:
        raise ValueError("a datetime without zone cannot be a bound of a window: give it tzinfo=UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
