"""What an org has by name, as whole listings: queues, users, wrap-up codes, skills, teams, locations, management units.

A listing is read from its first page to its last or not at all: pages of two moments are no listing, so nothing is resumed. Nothing here
opens an entity.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.sources.errors import BodyDamaged, TotalNotReached
from genesys_crm_assets.sources.genesys.wire import Request
from genesys_crm_assets.sources.hosts import Host
from genesys_crm_assets.sources.http import Answer, Effort, decoded
from genesys_crm_assets.sources.paging import Page, Suspicion, request_text

FEED = "reference"
_PAGE = 100
_UNDER = "/api/v2/"


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: its name in this house, its path, what is asked of every page, and whether an org may have no such door at all (404)."""

    name: str
    path: str
    asked: Mapping[str, str] = field(default_factory=dict)
    may_lack: bool = False


LISTINGS: MappingProxyType[str, Listing] = MappingProxyType(
    {
        listing.name: listing
        for listing in (
            Listing("queues", "/api/v2/routing/queues"),
            # The default leaves out who is inactive or deleted, and who handled last year's calls may be either.
            Listing("users", "/api/v2/users", {"state": "any", "expand": "team,locations"}),
            Listing("wrapup_codes", "/api/v2/routing/wrapupcodes"),
            Listing("skills", "/api/v2/routing/skills"),
            Listing("teams", "/api/v2/teams", may_lack=True),
            Listing("locations", "/api/v2/locations", may_lack=True),
            Listing("management_units", "/api/v2/workforcemanagement/managementunits", may_lack=True),
        )
    }
)
"""Every listing by its name."""


class _Told(msgspec.Struct):
    """A listing's page. Cursor listings tell neither number, count nor total."""

    entities: list[msgspec.Raw] | None = None
    total: int | None = None
    pageSize: int | None = None  # noqa: N815 - the vendor's spelling
    pageNumber: int | None = None  # noqa: N815 - the vendor's spelling
    pageCount: int | None = None  # noqa: N815 - the vendor's spelling
    nextUri: str | None = None  # noqa: N815 - the vendor's spelling


class _Entities(msgspec.Struct):
    entities: list[msgspec.Raw] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """The page to ask for: where, with what, and the link or number that named it; None for the first."""

    path: str
    query: Mapping[str, str]
    cursor: str | None = None


Ask = Callable[[Request, Callable[[Answer], Any], Effort], tuple[Answer, Any]]


def entities_of(body: bytes) -> list[bytes]:
    """The entities of a page's body, bytes unchanged; none where it has no `entities`. Raises `ValueError` where it is no JSON."""
    try:
        return [bytes(entity) for entity in msgspec.json.decode(body, type=_Entities).entities or ()]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return json_bytes.elements(body, "entities")


def walk(listing: Listing, host: Host, ask: Ask) -> Iterator[Page]:
    """Each page of a listing as it comes (Genesys: reference data).

    Raises:
        StrayHost: a link leads to another host.
        CursorRepeated: the pages go round in a circle.
        TotalNotReached: fewer entities than the total came, or the total changed on the way; ask for the listing again.
    """
    effort, suspicion, totals = Effort(), Suspicion(), set[int]()
    place: _Place | None = _Place(listing.path, {"pageSize": str(_PAGE), **listing.asked})
    number = records = 0
    while place is not None:
        request = Request("GET", place.path, place.query)
        answer, told = ask(request, _read, effort)
        number, count = number + 1, len(told.entities)
        records += count
        following = _following(listing, host, told, number)
        suspicion.examine(body=answer.body, records=count, cursor=following.cursor if following else None)
        totals |= set() if told.total is None else {told.total}
        _judge(listing, totals, records, is_last=following is None)
        yield _page(request, answer, number, count, place.cursor, effort.take(), is_last=following is None)
        place = following


def _read(answer: Answer) -> _Told:
    told = decoded(answer, _Told)
    if told.entities is None:
        # A page without the word is an error in the clothes of a success, never the end (F-13).
        raise BodyDamaged("The body has no entities", at=answer.exchange())
    return told


def _following(listing: Listing, host: Host, told: _Told, number: int) -> _Place | None:
    if told.nextUri:
        link = host.follow(told.nextUri, under=_UNDER)
        path, _, query = link.partition("?")
        # A link that forgot what was asked would go on with another listing.
        return _Place(path, {**dict(parse_qsl(query, keep_blank_values=True)), **listing.asked}, link)
    at = told.pageNumber or number
    if at >= (told.pageCount or 0):
        return None
    # The server may have lowered the size; pages of another size would overlap or leave gaps.
    paging = {"pageSize": str(told.pageSize or _PAGE), "pageNumber": str(at + 1)}
    return _Place(listing.path, {**paging, **listing.asked}, f"pageNumber={at + 1}")


def _judge(listing: Listing, totals: set[int], records: int, *, is_last: bool) -> None:
    if len(totals) > 1:
        raise TotalNotReached(f"The listing {listing.name} changed while it was read")
    if is_last and records < max(totals, default=0):
        raise TotalNotReached(f"The listing {listing.name} ended after {records} of {max(totals)} entities")


def _page(  # noqa: PLR0913, PLR0917 - what one page is made of
    request: Request, answer: Answer, number: int, records: int, cursor: str | None, effort: Effort, *, is_last: bool
) -> Page:
    return Page(
        number=number,
        feed=FEED,
        request=request_text(request.method, request.path, dict(request.query)),
        cursor=cursor,
        body=answer.body,
        record_count=records,
        received_at=answer.received_at,
        attempts=effort.attempts,
        waited_ms=effort.waited_ms,
        data_available_until=None,
        checkpoint=None,
        is_last=is_last,
    )
