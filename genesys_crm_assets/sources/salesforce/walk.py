"""The walk over the pages of a query: by the links as given, to the total that was promised, and no further (F-20, F-25)."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from genesys_crm_assets.sources.errors import BodyDamaged, CursorRejected, TotalNotReached
from genesys_crm_assets.sources.http import Answer, Effort, decoded
from genesys_crm_assets.sources.paging import Page, Suspicion, request_text

FEED = "salesforce_query"


@dataclass(frozen=True, slots=True)
class Records:
    """What a page says about itself: records in it, the total of the whole query, and the link to what follows (None: the end)."""

    count: int
    total: int
    link: str | None


class _Envelope(msgspec.Struct):
    totalSize: int  # noqa: N815 — the vendor's spelling
    done: bool
    records: list[msgspec.Raw] | None = None
    nextRecordsUrl: str | None = None  # noqa: N815 — the vendor's spelling


class _Checkpoint(msgspec.Struct):
    question: str
    number: int
    link: str
    seen: int
    total: int


def read_records(answer: Answer) -> Records:
    """A page of a query.

    Raises:
        BodyDamaged: it has no records array, or says that more follows and not where.
    """
    told = decoded(answer, _Envelope)
    if told.records is None:
        raise BodyDamaged("The body has no records", at=answer.exchange())
    if told.done:
        return Records(len(told.records), told.totalSize, None)
    if not told.nextRecordsUrl:
        raise BodyDamaged("The body says that more follows, and not where", at=answer.exchange())
    return Records(len(told.records), told.totalSize, told.nextRecordsUrl)


def read_count(answer: Answer) -> int:
    """The answer to `SELECT COUNT()`: no records, the count in `totalSize`.

    Raises:
        BodyDamaged: it is not such an answer.
    """
    told = decoded(answer, _Envelope)
    if not told.done or told.records or told.totalSize < 0:
        raise BodyDamaged("The body is not a count", at=answer.exchange())
    return told.totalSize


@dataclass(slots=True)
class Walk:
    """One query, from wherever a checkpoint left it.

    Attributes:
        query: SOQL.
        first_path: of the first page.
        link: to the page to ask for next; None for the first.
        number: of the last page handed out.
        seen: records in the pages so far.
        total: records promised by the first page; None before it.
    """

    query: str
    first_path: str
    link: str | None = None
    number: int = 0
    seen: int = 0
    total: int | None = None

    @classmethod
    def of(cls, query: str, resume: str | None, *, first_path: str) -> "Walk":
        """A new walk, or the rest of an old one.

        Raises:
            CursorRejected: the checkpoint belongs to another query, or cannot be read.
        """
        walk = cls(query, first_path)
        if resume is None:
            return walk
        try:
            told = msgspec.json.decode(resume, type=_Checkpoint)
        except msgspec.DecodeError:
            raise CursorRejected("The checkpoint cannot be read") from None
        if told.question != walk.fingerprint:
            raise CursorRejected("The checkpoint belongs to another query")
        walk.link, walk.number, walk.seen, walk.total = told.link, told.number, told.seen, told.total
        return walk

    @property
    def fingerprint(self) -> str:
        """What makes two queries the same question."""
        return hashlib.sha256(f"{self.first_path}\n{self.query}".encode()).hexdigest()

    def pages(self, ask: Callable[[str | None], tuple[Answer, Records]], effort: Effort) -> Iterator[Page]:
        """Each page as it comes. `ask` gets a link, None for the first page, and spends into `effort`."""
        suspicion = Suspicion()
        is_last = False
        while not is_last:
            asked_by = self.link
            answer, told = ask(asked_by)
            suspicion.examine(body=answer.body, records=told.count, cursor=told.link)
            self.number += 1
            self.seen += told.count
            self.total = told.total if self.total is None else self.total
            self.link = told.link
            is_last = told.link is None
            if is_last and self.seen != self.total:
                raise TotalNotReached(f"{self.seen} records came, {self.total} were promised", at=answer.exchange())
            yield self._page(answer, told, asked_by, effort.take())

    def _page(self, answer: Answer, told: Records, asked_by: str | None, effort: Effort) -> Page:
        return Page(
            number=self.number,
            feed=FEED,
            request=request_text("GET", asked_by or self.first_path, {} if asked_by else {"q": self.query}),
            cursor=asked_by,
            body=answer.body,
            record_count=told.count,
            received_at=answer.received_at,
            attempts=effort.attempts,
            waited_ms=effort.waited_ms,
            data_available_until=None,
            checkpoint=None if told.link is None else self._checkpoint(),
            is_last=told.link is None,
        )

    def _checkpoint(self) -> str:
        told = {"question": self.fingerprint, "number": self.number, "link": self.link, "seen": self.seen, "total": self.total}
        return json.dumps(told, separators=(",", ":"))
