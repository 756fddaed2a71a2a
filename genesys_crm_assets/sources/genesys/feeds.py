"""The interaction feeds. A feed is a small value that knows its request, where the records are, and how the next page is asked for.

The walk over its pages is the same for all of them, in `walk.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.sources.errors import BodyDamaged, ResultTooLarge
from genesys_crm_assets.sources.genesys.jobs import Jobs, results
from genesys_crm_assets.sources.genesys.wire import Request
from genesys_crm_assets.sources.http import Answer, decoded
from genesys_crm_assets.sources.paging import milliseconds, utc

_RECORDS = "conversations"
QUERY_PATH = "/api/v2/analytics/conversations/details/query"
_JOB_PAGE = 1000
_QUERY_PAGE = 100
_QUERY_REACH = 100_000
_SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open window, both ends aware."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """As Genesys writes it: `2026-11-19T00:00:00.000Z/2026-11-20T00:00:00.000Z`."""
        return f"{milliseconds(self.start)}/{milliseconds(self.end)}"

    def halves(self) -> "tuple[Interval, Interval]":
        """The two halves.

        Raises:
            ResultTooLarge: it is already so short that more splitting will not help.
        """
        if self.end - self.start < 2 * _SHORTEST:
            raise ResultTooLarge(f"Even {self} holds more than Genesys hands out", remedy="Quote this to the vendor's support")
        # To the millisecond, so that the halves meet in what is sent too.
        middle = self.start + timedelta(milliseconds=(self.end - self.start) // timedelta(milliseconds=2))
        return Interval(self.start, middle), Interval(middle, self.end)

    def question(self) -> dict[str, Any]:
        """What both feeds ask for, oldest first."""
        return {"interval": str(self), "order": "asc", "orderBy": "conversationStart"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands within one interval: the page to ask for next."""

    cursor: str | None
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says about itself: records in it, the place after it (None: the end), and how far the data is complete."""

    records: int
    following: Place | None
    data_available_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One way to read interactions.

    Attributes:
        name: as in `GENESYS_FEED` (DESIGN §5.4).
        carries_attributes: whether participants come with their attributes; such a telling wins over one without (DESIGN §6.1).
        begin: what must happen before the first page, and where that is.
        request: how the page at a place is asked for.
        read: what its answer says.
    """

    name: str
    carries_attributes: bool
    begin: Callable[[Jobs, Interval], Place]
    request: Callable[[Interval, Place], Request]
    read: Callable[[Place, Answer], Reading]


class _Envelope(msgspec.Struct):
    conversations: list[msgspec.Raw] | None = None
    cursor: str | None = None
    totalHits: int | None = None  # noqa: N815 — the vendor's spelling
    dataAvailabilityDate: str | None = None  # noqa: N815 — the vendor's spelling


class _Page(msgspec.Struct):
    conversations: list[msgspec.Raw] | None = None


_PAGES = msgspec.json.Decoder(_Page)


def records_of(body: bytes) -> list[bytes]:
    """The records of a page's body, bytes unchanged; none where it has no `conversations`. Raises `ValueError` where it is no JSON."""
    try:
        return [bytes(record) for record in _PAGES.decode(body).conversations or ()]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return json_bytes.elements(body, _RECORDS)


def _told(answer: Answer) -> _Envelope:
    """What a page says of itself. Records that the decoder cannot step over are left to staging, as long as each is JSON (F-60, F-62)."""
    try:
        return decoded(answer, _Envelope)
    except BodyDamaged as damaged:
        try:
            # Broken UTF-8 inside a record is damage too (F-12).
            answer.body.decode("utf-8")
            hollow = json_bytes.hollow(answer.body, _RECORDS)
        except ValueError:
            raise damaged from None
        return decoded(replace(answer, body=hollow), _Envelope)


def _submit(jobs: Jobs, interval: Interval) -> Place:
    return Place(cursor=None, job=jobs.run(interval.question()))


def _job_page(interval: Interval, place: Place) -> Request:
    return results(str(place.job), cursor=place.cursor, page_size=_JOB_PAGE, about=interval.question())


def _read_job_page(place: Place, answer: Answer) -> Reading:
    told = _told(answer)
    until = None
    if told.dataAvailabilityDate is not None:
        until = moment_of(told.dataAvailabilityDate, answer)
    if told.conversations is None and not told.cursor and until is None and told.totalHits != 0:
        raise BodyDamaged("The body has no conversations and does not say why", at=answer.exchange())
    following = Place(told.cursor, place.job) if told.cursor else None
    return Reading(len(told.conversations or ()), following, until)


def _first_query_page(_: Jobs, __: Interval) -> Place:
    return Place(cursor="1")


def _query_page(interval: Interval, place: Place) -> Request:
    paging = {"pageSize": _QUERY_PAGE, "pageNumber": int(str(place.cursor))}
    if paging["pageSize"] * paging["pageNumber"] > _QUERY_REACH:
        raise ResultTooLarge(f"The query reaches no further than {_QUERY_REACH} conversations")
    return Request("POST", QUERY_PATH, body=interval.question() | {"paging": paging})


def _read_query_page(place: Place, answer: Answer) -> Reading:
    told = _told(answer)
    number = int(str(place.cursor))
    if told.totalHits is not None and told.totalHits > _QUERY_REACH and number == 1:
        raise ResultTooLarge(f"The query would find {told.totalHits} conversations")
    if told.conversations is None and not (told.totalHits is not None and told.totalHits <= (number - 1) * _QUERY_PAGE):
        raise BodyDamaged("The body has no conversations, and the pages so far do not reach its totalHits", at=answer.exchange())
    # totalHits is approximate and pages may be short: only an empty page is the end (R-6, S1-18).
    following = Place(cursor=str(number + 1)) if told.conversations else None
    return Reading(len(told.conversations or ()), following)


def moment_of(text: str, answer: Answer) -> datetime:
    """A `dataAvailabilityDate` in UTC; `BodyDamaged` if it is none."""
    try:
        return utc(text)
    except ValueError:
        raise BodyDamaged("The body's dataAvailabilityDate is no time", at=answer.exchange()) from None


CONVERSATION_JOBS = Feed("conversation_jobs", carries_attributes=True, begin=_submit, request=_job_page, read=_read_job_page)
CONVERSATION_QUERY = Feed(
    "conversation_query", carries_attributes=False, begin=_first_query_page, request=_query_page, read=_read_query_page
)
FEEDS: MappingProxyType[str, Feed] = MappingProxyType({feed.name: feed for feed in (CONVERSATION_JOBS, CONVERSATION_QUERY)})
"""Every feed by its name."""
