"""Listings as walked: by link where one is told, else by number, to the total or not at all; never to another host, never in a circle."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.sources.errors import BodyDamaged, CursorRepeated, RequestRejected, StrayHost, TotalNotReached
from genesys_crm_assets.sources.genesys import Genesys
from genesys_crm_assets.sources.genesys.reference import LISTINGS, entities_of
from genesys_crm_assets_tests.sources.scripted_genesys import SECRET, ScriptedGenesys, complaint
from genesys_crm_assets_tests.sources.scripted_time import NOON, Time, limiter

QUEUES = "/api/v2/routing/queues"
Doors = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def vendor():
    return ScriptedGenesys(Time())


@pytest.fixture
def genesys(vendor: ScriptedGenesys, tmp_path: Path):
    return Genesys(
        api_url="https://api.example.com",
        login_url="https://login.example.com",
        client_id="client-1",
        client_secret=SECRET,
        limiter=limiter(vendor.time, tmp_path),
        clock=vendor.time.clock,
        sleep=vendor.time.sleep,
        monotonic=vendor.time.monotonic,
        random=lambda: 0.5,
        transport=httpx.MockTransport(vendor),
    )


def told(first: int, last: int, **about: Any) -> httpx.Response:
    """A page with the queues of these numbers, and what the page says of itself."""
    return httpx.Response(200, json={"entities": [{"id": f"q{number}"} for number in range(first, last + 1)], **about})


def numbered(number: int, count: int = 2, *, size: int = 2, total: int = 3, **about: Any) -> httpx.Response:
    """One of the numbered pages of a listing."""
    last = min(number * size, total)
    return told(number * size - size + 1, last, pageSize=size, pageNumber=number, pageCount=count, total=total, **about)


def asked(vendor: ScriptedGenesys, path: str = QUEUES) -> list[dict[str, str]]:
    return [dict(request.url.params) for request in vendor.asked(path)]


def test_a_listing_without_links_goes_on_by_number_to_the_page_count(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers(QUEUES, numbered(1), numbered(2))
    pages = list(genesys.reference("queues"))
    assert [entity for page in pages for entity in entities_of(page.body)] == [b'{"id":"q1"}', b'{"id":"q2"}', b'{"id":"q3"}']
    assert [(page.number, page.feed, page.cursor, page.record_count, page.is_last, page.checkpoint) for page in pages] == [
        (1, "reference", None, 2, False, None), (2, "reference", "pageNumber=2", 1, True, None),
    ]  # fmt: skip
    assert {page.received_at for page in pages} == {NOON}


def test_the_page_size_of_the_answer_counts(genesys: Genesys, vendor: ScriptedGenesys):
    """The server may lower it; the next page asked with our own size would leave gaps."""
    vendor.answers(QUEUES, numbered(1), numbered(2))
    pages = list(genesys.reference("queues"))
    assert asked(vendor) == [{"pageSize": "100"}, {"pageSize": "2", "pageNumber": "2"}]
    assert json.loads(pages[1].request)["query"] == {"pageSize": "2", "pageNumber": "2"}


@pytest.mark.shows("S0-27")
@pytest.mark.parametrize("origin", ["", "https://api.example.com"], ids=["relative", "absolute"])
def test_a_link_that_is_told_is_followed(genesys: Genesys, vendor: ScriptedGenesys, origin: str):
    vendor.answers(QUEUES, numbered(1, nextUri=f"{origin}{QUEUES}?pageSize=2&pageNumber=2&sortOrder=asc"), numbered(2))
    pages = list(genesys.reference("queues"))
    assert asked(vendor)[1] == {"pageSize": "2", "pageNumber": "2", "sortOrder": "asc"}
    assert pages[1].cursor == f"{QUEUES}?pageSize=2&pageNumber=2&sortOrder=asc"


@pytest.mark.shows("S0-27")
def test_a_cursor_listing_tells_neither_number_nor_total(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/teams", told(1, 2, nextUri="/api/v2/teams?after=ab%2Bc%3D"), told(3, 3))
    assert [page.record_count for page in genesys.reference("teams")] == [2, 1]
    assert asked(vendor, "/teams")[1] == {"after": "ab+c="}


def test_users_of_every_state_are_asked_for_on_every_page(genesys: Genesys, vendor: ScriptedGenesys):
    """A link that forgets what was asked would go on with the active users only."""
    vendor.answers("/users", told(1, 1, nextUri="/api/v2/users?pageNumber=2&state=active"), told(2, 2))
    list(genesys.reference("users"))
    assert [(query["state"], query["expand"]) for query in asked(vendor, "/users")] == [("any", "team,locations")] * 2


def test_an_empty_listing_is_whole(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers(QUEUES, told(1, 0, pageSize=25, pageNumber=1, pageCount=0, total=0))
    (page,) = genesys.reference("queues")
    assert (page.record_count, page.is_last) == (0, True)


@pytest.mark.shows("S2-44")
def test_a_listing_that_ends_before_its_total_is_no_listing(genesys: Genesys, vendor: ScriptedGenesys):
    """Who is missing from it would be inactive from now on."""
    vendor.answers(QUEUES, numbered(1, count=1))
    with pytest.raises(TotalNotReached, match=r"queues ended after 2 of 3 entities"):
        list(genesys.reference("queues"))


def test_a_listing_that_changes_while_it_is_read_is_no_listing(genesys: Genesys, vendor: ScriptedGenesys):
    """One queue deleted on the first page moves another from the second to it, where nobody looks again."""
    vendor.answers(QUEUES, numbered(1), numbered(2, total=4))
    pages = genesys.reference("queues")
    assert next(pages).number == 1
    with pytest.raises(TotalNotReached, match="changed while it was read"):
        next(pages)


@pytest.mark.parametrize(
    "second",
    [told(3, 4, nextUri=f"{QUEUES}?pageNumber=2"), told(1, 2, nextUri=f"{QUEUES}?pageNumber=2"), numbered(1)],
    ids=["the same link", "the same page", "the same number"],
)
def test_pages_that_go_in_a_circle_are_stopped(genesys: Genesys, vendor: ScriptedGenesys, second: httpx.Response):
    vendor.answers(QUEUES, told(1, 2, nextUri=f"{QUEUES}?pageNumber=2"), second, second, second)
    with pytest.raises(CursorRepeated):
        list(genesys.reference("queues"))
    assert len(vendor.asked(QUEUES)) <= 3


@pytest.mark.parametrize("link", ["https://evil.example.net/api/v2/routing/queues", "//evil.example.net/x", "http://api.example.com/api/v2/x", "/oauth/token"])  # fmt: skip
def test_a_link_elsewhere_is_not_followed(genesys: Genesys, vendor: ScriptedGenesys, link: str):
    """It would take the token along (F-65)."""
    vendor.answers(QUEUES, told(1, 1, nextUri=link))
    with pytest.raises(StrayHost):
        list(genesys.reference("queues"))
    assert {request.url.host for request in vendor.requests} == {"login.example.com", "api.example.com"}


@pytest.mark.parametrize("body", [{"message": "…", "code": "x", "status": 500}, {"total": 0}, {"entities": {}}, {"entities": None}])
def test_a_body_without_entities_is_damaged_and_never_an_empty_listing(genesys: Genesys, vendor: ScriptedGenesys, body: dict[str, Any]):
    vendor.answers(QUEUES, *[httpx.Response(200, json=body)] * 3)
    with pytest.raises(BodyDamaged):
        list(genesys.reference("queues"))


def test_a_door_that_is_not_there_says_so(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/teams", complaint(404, "not.found", "HTTP 404 Not Found"))
    with pytest.raises(RequestRejected) as refused:
        list(genesys.reference("teams"))
    assert refused.value.status == 404
    assert [name for name, listing in LISTINGS.items() if listing.may_lack] == ["teams", "locations", "management_units"]


def test_an_unknown_listing_is_known_before_anything_is_asked(genesys: Genesys, vendor: ScriptedGenesys):
    with pytest.raises(KeyError):
        genesys.reference("flows")
    assert vendor.requests == []


@settings(max_examples=40, deadline=None)
@given(total=st.integers(0, 30), size=st.integers(1, 9), linked=st.booleans())
def test_any_listing_is_read_whole_and_once(tmp_path_factory: pytest.TempPathFactory, total: int, size: int, linked: bool):  # noqa: FBT001 - drawn
    count = -(-total // size)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "token_type": "bearer", "expires_in": 600})
        number = int(request.url.params.get("pageNumber", "1"))
        about = {"nextUri": f"{QUEUES}?pageNumber={number + 1}"} if linked and number < count else {}
        return numbered(number, 0 if linked else count, size=size, total=total, **about)

    time = Time()
    genesys = Genesys(
        api_url="https://api.example.com", login_url="https://login.example.com", client_id="c", client_secret="s",
        limiter=limiter(time, tmp_path_factory.mktemp("limits")), clock=time.clock, sleep=time.sleep, monotonic=time.monotonic,
        random=lambda: 0.5, transport=httpx.MockTransport(answer),
    )  # fmt: skip
    pages = list(genesys.reference("queues"))
    assert [json.loads(entity)["id"] for page in pages for entity in entities_of(page.body)] == [f"q{n}" for n in range(1, total + 1)]
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
