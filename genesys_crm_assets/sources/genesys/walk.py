"""The one walk over the pages of a feed: suspicious, resumable, and splitting a window that holds too much (F-14, F-16, F-20, F-25)."""

import json
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import msgspec

from genesys_crm_assets.sources.errors import CursorRejected, ResultTooLarge
from genesys_crm_assets.sources.genesys.feeds import Feed, Interval, Place, Reading
from genesys_crm_assets.sources.genesys.jobs import Ask, Jobs
from genesys_crm_assets.sources.genesys.wire import Request
from genesys_crm_assets.sources.http import Answer, Effort
from genesys_crm_assets.sources.paging import Page, Suspicion, request_text, utc

_log = logging.getLogger(__name__)


class _Checkpoint(msgspec.Struct):
    feed: str
    asked: str
    todo: list[tuple[str, str]]
    number: int
    cursor: str | None = None
    job: str | None = None


@dataclass(slots=True)
class Walk:
    """One window of one feed, from wherever a checkpoint left it.

    Attributes:
        feed: what is read.
        window: what was asked for as a whole.
        todo: intervals not yet read to their end, the current one first; one, unless the window had to be split.
        number: of the last page handed out.
        place: the page to ask for next in the current interval; None before it has begun.
    """

    feed: Feed
    window: Interval
    todo: deque[Interval] = field(default_factory=deque)
    number: int = 0
    place: Place | None = None

    @classmethod
    def of(cls, feed: Feed, window: Interval, resume: str | None) -> "Walk":
        """A new walk, or the rest of an old one.

        Raises:
            CursorRejected: the checkpoint belongs to another feed or window (S2-24), or cannot be read.
        """
        if resume is None:
            return cls(feed, window, deque([window]))
        try:
            told = msgspec.json.decode(resume, type=_Checkpoint)
            todo = deque(Interval(utc(start), utc(end)) for start, end in told.todo)
        except (msgspec.DecodeError, ValueError):
            raise CursorRejected("The checkpoint cannot be read") from None
        if (told.feed, told.asked) != (feed.name, str(window)) or not todo:
            raise CursorRejected(f"The checkpoint belongs to another question than {feed.name} over {window}")
        place = None if told.job is None and told.cursor is None else Place(told.cursor, told.job)
        return cls(feed, window, todo, told.number, place)

    def pages(self, jobs: Jobs, ask: Ask, effort: Effort) -> Iterator[Page]:
        """Each page as it comes. `effort` is what jobs and ask spend into; a page takes what gathered since the one before."""
        while self.todo:
            try:
                yield from self._interval(jobs, ask, effort)
            except ResultTooLarge:
                early, late = self.todo[0].halves()
                _log.warning("%s over %s is too large, splitting it at %s", self.feed.name, self.todo[0], late.start.isoformat())
                self.todo.popleft()
                self.todo.extendleft((late, early))
                self.place = None

    def _interval(self, jobs: Jobs, ask: Ask, effort: Effort) -> Iterator[Page]:
        interval = self.todo[0]
        suspicion = Suspicion()
        place: Place | None = self.place or self.feed.begin(jobs, interval)
        while place is not None:
            request = self.feed.request(interval, place)
            answer, reading = ask(request, partial(self.feed.read, place))
            following = reading.following
            suspicion.examine(body=answer.body, records=reading.records, cursor=following.cursor if following else None)
            self._advance(following)
            yield self._page(request, answer, reading, cursor=place.cursor, effort=effort.take())
            place = following

    def _advance(self, following: Place | None) -> None:
        self.number += 1
        self.place = following
        if following is None:
            self.todo.popleft()

    def _page(self, request: Request, answer: Answer, reading: Reading, *, cursor: str | None, effort: Effort) -> Page:
        asked = request.about if request.body is None else request.body
        return Page(
            number=self.number,
            feed=self.feed.name,
            request=request_text(request.method, request.path, dict(request.query), asked),
            cursor=cursor,
            body=answer.body,
            record_count=reading.records,
            received_at=answer.received_at,
            attempts=effort.attempts,
            waited_ms=effort.waited_ms,
            data_available_until=reading.data_available_until,
            checkpoint=self._checkpoint() if self.todo else None,
            is_last=not self.todo,
        )

    def _checkpoint(self) -> str:
        todo = [str(interval).split("/") for interval in self.todo]
        place = self.place or Place(None)
        told = {"feed": self.feed.name, "asked": str(self.window), "todo": todo, "number": self.number}
        return json.dumps(told | {"cursor": place.cursor, "job": place.job}, separators=(",", ":"))
