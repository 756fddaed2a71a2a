import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.sources.errors import (
    BodyDamaged,
    CursorRejected,
    CursorRepeated,
    DeadlineExceeded,
    JobExpired,
    JobFailed,
    RequestRejected,
    ResultTooLarge,
    TokenRejected,
    UnexpectedShape,
)
from genesys_crm_assets.sources.genesys import FEEDS, Genesys
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets_tests.sources.scripted_genesys import JOBS, QUERY, SECRET, ScriptedGenesys, complaint, conversations, too_many
from genesys_crm_assets_tests.sources.scripted_time import NOON, Time, limiter

DAY = datetime(2026, 11, 19, tzinfo=UTC)
DAY_LATER = DAY + timedelta(days=1)
WINDOW = "2026-11-19T00:00:00.000Z/2026-11-20T00:00:00.000Z"
TOO_LARGE = "Pagination may not exceed 400000 results."


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def vendor(time: Time):
    return ScriptedGenesys(time)


@pytest.fixture
def genesys(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    return client(time, vendor, tmp_path)


def client(time: Time, vendor: ScriptedGenesys, folder: Path):
    return Genesys(
        api_url="https://api.example.com",
        login_url="https://login.example.com",
        client_id="client-1",
        client_secret=SECRET,
        limiter=limiter(time, folder),
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=lambda: 0.5,
        transport=httpx.MockTransport(vendor),
    )


def walk(genesys: Genesys, feed: str = "conversation_jobs", resume: str | None = None):
    return genesys.interactions(feed, start=DAY, end=DAY_LATER, resume=resume)


def ids(pages: Iterable[Page]):
    return [record["conversationId"] for page in pages for record in json.loads(page.body).get("conversations", [])]


def test_the_feeds_say_which_of_them_carries_attributes():
    assert {name: feed.carries_attributes for name, feed in FEEDS.items()} == {"conversation_jobs": True, "conversation_query": False}


@pytest.mark.shows("S0-25")
def test_every_request_carries_the_bearer_and_says_json(genesys: Genesys, vendor: ScriptedGenesys):
    """Submitting, polling and paging alike, not only the first of them."""
    list(walk(genesys))
    asked = [request for request in vendor.requests if request.url.path.startswith("/api/v2/")]
    assert {request.method for request in asked} == {"POST", "GET"}
    for request in asked:
        assert request.headers["authorization"].startswith("Bearer ")
        assert request.headers["accept"] == "application/json"
        assert request.method != "POST" or request.headers["content-type"] == "application/json"


@pytest.mark.shows("S0-26", "S0-22")
def test_a_job_is_submitted_watched_with_growing_pauses_and_read_to_the_end(genesys: Genesys, vendor: ScriptedGenesys, time: Time):
    pages = list(walk(genesys))
    assert vendor.submitted == [{"interval": WINDOW, "order": "asc", "orderBy": "conversationStart"}]
    assert time.slept == pytest.approx([0.2, 0.32])
    assert ids(pages) == ["c-1", "c-2", "c-3"]
    assert [(page.number, page.record_count, page.is_last) for page in pages] == [(1, 2, False), (2, 1, True)]
    assert [page.cursor for page in pages] == [None, "cursor/+=1"]
    assert {page.data_available_until for page in pages} == {datetime(2026, 11, 20, 4, 10, 3, tzinfo=UTC)}


def test_a_page_knows_its_request_and_what_it_cost(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/results", too_many("7"))
    first, second = walk(genesys)
    asked = json.loads(second.request)
    assert asked["path"] == f"{JOBS}/job-1/results"
    assert asked["query"] == {"pageSize": "1000", "cursor": "cursor/+=1"}
    assert asked["body"]["interval"] == WINDOW
    assert "example.com" not in second.request
    assert (first.attempts, first.waited_ms) == (1 + 3 + 2, 8000)
    assert (second.attempts, second.waited_ms) == (1, 0)
    assert first.received_at > NOON
    assert first.checkpoint is not None
    assert second.checkpoint is None


def test_the_bytes_of_a_page_are_the_vendors(genesys: Genesys, vendor: ScriptedGenesys):
    odd = b'{ "conversations":[ {"conversationId":"\\u00e9", "new":1e400} ],"dataAvailabilityDate" : "2026-11-20T04:10:03Z"}\n'
    vendor.answers("/results", httpx.Response(200, content=odd))
    (page,) = walk(genesys)
    assert page.body == odd
    assert page.record_count == 1


def test_a_cursor_is_encoded_on_the_wire(genesys: Genesys, vendor: ScriptedGenesys):
    list(walk(genesys))
    query = vendor.asked("/results")[1].url.query.decode()
    assert parse_qs(query)["cursor"] == ["cursor/+=1"]
    assert "+=" not in query


@pytest.mark.shows("S0-27", "S1-18")
@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_every_record_comes_whatever_the_size_of_the_pages(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]):
    """F-25: an empty page in the middle is not the end; only a missing cursor is."""
    time, folder = Time(), tmp_path_factory.mktemp("limits")
    numbers = iter(range(1000))
    pages = [conversations(*islice(numbers, size)) for size in sizes]
    told = list(walk(client(time, ScriptedGenesys(time, pages=pages), folder)))
    assert ids(told) == [record["conversationId"] for page in pages for record in page]
    assert len(told) == len(sizes)


@pytest.mark.shows("S0-44")
def test_a_token_revoked_in_mid_walk_loses_nothing(genesys: Genesys, vendor: ScriptedGenesys):
    """F-5."""
    pages = walk(genesys)
    first = next(pages)
    vendor.revoke()
    assert ids([first, *pages]) == ["c-1", "c-2", "c-3"]
    assert vendor.issued == 2
    assert len(vendor.submitted) == 1


def test_a_secret_rotated_in_mid_walk_ends_it_loudly(genesys: Genesys, vendor: ScriptedGenesys):
    pages = walk(genesys)
    next(pages)
    vendor.revoke()
    vendor.token_answers = [httpx.Response(400, json={"error": "invalid_client"})]
    with pytest.raises(TokenRejected):
        next(pages)


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Internal error", "code": "internal.server.error", "status": 500},
        {},
        {"conversations": None},
        {"conversations": {}},
        {"totalHits": 3},
        {"cursor": ""},
    ],
)
def test_a_page_without_conversations_is_never_taken_for_an_empty_one(genesys: Genesys, vendor: ScriptedGenesys, body: Any):
    """F-13, O2: it is asked for again, and then it is an error."""
    vendor.answers("/results", httpx.Response(200, json=body))
    assert ids(walk(genesys)) == ["c-1", "c-2", "c-3"]
    vendor.answers("/results", *[httpx.Response(200, json=body) for _ in range(3)])
    with pytest.raises(BodyDamaged):
        list(walk(genesys))


@pytest.mark.parametrize("body", [{"totalHits": 0}, {"dataAvailabilityDate": "2026-11-20T04:10:03Z"}, {"conversations": []}])
def test_an_empty_answer_that_is_otherwise_as_documented_is_empty(genesys: Genesys, vendor: ScriptedGenesys, body: Any):
    vendor.answers("/results", httpx.Response(200, json=body))
    (page,) = walk(genesys)
    assert (page.record_count, page.is_last) == (0, True)


def test_a_page_with_a_cursor_may_leave_conversations_out(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/results", httpx.Response(200, json={"cursor": "cursor/+=1"}))
    assert ids(walk(genesys)) == ["c-3"]


def test_a_cursor_that_comes_again_ends_the_walk(genesys: Genesys, vendor: ScriptedGenesys):
    """F-20: bounded, and not a success."""
    vendor.answers("/results", *[httpx.Response(200, json={"conversations": conversations(n), "cursor": "round"}) for n in range(9)])
    with pytest.raises(CursorRepeated):
        list(walk(genesys))
    assert len(vendor.asked("/results")) == 2


def test_a_page_that_comes_again_ends_the_walk(genesys: Genesys, vendor: ScriptedGenesys):
    """F-20: a vendor that ignores the page number would tell its first page for ever."""
    vendor.answers(QUERY, *[httpx.Response(200, json={"conversations": conversations(1), "totalHits": 500}) for _ in range(9)])
    with pytest.raises(CursorRepeated, match="byte for byte"):
        list(walk(genesys, "conversation_query"))
    assert len(vendor.asked(QUERY)) == 2


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_cursor_that_dies_asks_for_the_window_again(genesys: Genesys, vendor: ScriptedGenesys, status: int):
    """F-14: nothing is spliced."""
    pages = walk(genesys)
    next(pages)
    vendor.answers("/results", complaint(status, "bad.request", "Invalid cursor"))
    with pytest.raises(CursorRejected, match="from its first page"):
        next(pages)


@pytest.mark.shows("S2-45")
def test_another_process_goes_on_where_this_one_stopped(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    vendor.pages = [conversations(n) for n in range(5)]
    first = list(islice(walk(client(time, vendor, tmp_path)), 2))
    rest = list(walk(client(time, vendor, tmp_path), resume=first[-1].checkpoint))
    assert ids([*first, *rest]) == [f"c-{n}" for n in range(5)]
    assert [page.number for page in rest] == [3, 4, 5]
    assert len(vendor.submitted) == 1


@pytest.mark.shows("S2-23", "S2-24")
@pytest.mark.parametrize("resume", ["", "{}", "[1]", '{"feed":"conversation_jobs","asked":"x/y","todo":[],"number":1}'])
def test_a_checkpoint_of_something_else_is_refused(genesys: Genesys, resume: str | None):
    with pytest.raises(CursorRejected):
        walk(genesys, resume=resume)
    page = next(walk(genesys))
    with pytest.raises(CursorRejected, match="another question"):
        genesys.interactions("conversation_jobs", start=DAY, end=DAY + timedelta(hours=1), resume=page.checkpoint)
    with pytest.raises(CursorRejected, match="another question"):
        walk(genesys, "conversation_query", resume=page.checkpoint)


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_job_that_failed_says_why_and_is_not_watched_on(genesys: Genesys, vendor: ScriptedGenesys, state: str):
    """F-15."""
    vendor.states = ["QUEUED", state]
    with pytest.raises(JobFailed, match=state) as caught:
        list(walk(genesys))
    assert vendor.polls == 2
    assert vendor.deleted == []
    assert "anna" not in str(caught.value)


def test_a_job_that_expired_asks_for_the_window_again(genesys: Genesys, vendor: ScriptedGenesys):
    """F-15."""
    vendor.states = ["EXPIRED"]
    with pytest.raises(JobExpired) as caught:
        list(walk(genesys))
    assert isinstance(caught.value, CursorRejected)


def test_a_job_that_never_ends_is_cancelled_at_its_deadline(genesys: Genesys, vendor: ScriptedGenesys, time: Time):
    """F-15: others spin for ever."""
    vendor.states = ["QUEUED"]
    with pytest.raises(DeadlineExceeded, match="1800 s"):
        list(walk(genesys))
    assert vendor.deleted == ["job-1"]
    assert 1700 < time.passed <= 1800
    assert max(time.slept) == 5.0


def test_a_state_that_nobody_documented_is_an_error(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.states = ["QUEUED", "THINKING"]
    with pytest.raises(UnexpectedShape, match="THINKING"):
        list(walk(genesys))
    assert vendor.deleted == ["job-1"]


def test_a_run_that_is_interrupted_while_it_waits_leaves_no_job_behind(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    """F-71."""
    genesys = client(time, vendor, tmp_path)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    genesys._sleep = interrupted
    with pytest.raises(KeyboardInterrupt):
        list(walk(genesys))
    assert vendor.deleted == ["job-1"]


def test_a_submission_whose_answer_was_lost_tells_nothing_twice(genesys: Genesys, vendor: ScriptedGenesys):
    """F-9: the first job is an orphan; only the second is read."""

    def accepted_then_reset(request: httpx.Request) -> httpx.Response:
        vendor._route(request)
        raise httpx.ReadError("reset")

    vendor.answers(JOBS, accepted_then_reset)
    assert ids(walk(genesys)) == ["c-1", "c-2", "c-3"]
    assert len(vendor.submitted) == 2
    assert all("/job-2/" in request.url.path for request in vendor.asked("/results"))


def test_a_window_that_holds_too_much_is_read_in_halves(genesys: Genesys, vendor: ScriptedGenesys):
    """F-16."""
    vendor.answers("/results", complaint(400, "bad.request", TOO_LARGE))
    pages = list(walk(genesys))
    noon = "2026-11-19T12:00:00.000Z"
    assert [body["interval"] for body in vendor.submitted] == [
        WINDOW,
        WINDOW.split("/", maxsplit=1)[0] + f"/{noon}",
        f"{noon}/" + WINDOW.split("/")[1],
    ]
    assert ids(pages) == ["c-1", "c-2", "c-3"] * 2
    assert [page.number for page in pages] == [1, 2, 3, 4]
    assert [page.is_last for page in pages] == [False, False, False, True]


def test_a_walk_in_halves_goes_on_in_another_process(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    vendor.answers("/results", complaint(400, "bad.request", TOO_LARGE))
    first = list(islice(walk(client(time, vendor, tmp_path)), 2))
    rest = list(walk(client(time, vendor, tmp_path), resume=first[-1].checkpoint))
    assert ids(rest) == ["c-1", "c-2", "c-3"]
    assert vendor.submitted[-1]["interval"].startswith("2026-11-19T12:00")
    assert rest[-1].is_last


def test_a_minute_that_holds_too_much_cannot_be_split(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/results", *[complaint(400, "bad.request", TOO_LARGE) for _ in range(40)])
    with pytest.raises(ResultTooLarge, match="Even"):
        list(walk(genesys))
    assert len(vendor.submitted) < 15


@pytest.mark.shows("S1-17")
def test_the_query_is_asked_page_by_page(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.pages = [conversations(*range(100)), conversations(100)]
    pages = list(walk(genesys, "conversation_query"))
    bodies = [json.loads(request.content) for request in vendor.asked(QUERY)]
    question = {"interval": WINDOW, "order": "asc", "orderBy": "conversationStart"}
    assert bodies == [question | {"paging": {"pageSize": 100, "pageNumber": number}} for number in (1, 2, 3)]
    assert [page.cursor for page in pages] == ["1", "2", "3"]
    assert [json.loads(page.request)["body"] for page in pages] == bodies
    assert len(ids(pages)) == 101
    assert pages[0].data_available_until is None


@pytest.mark.shows("S1-18")
@pytest.mark.parametrize("total_hits", [0, 3, 80, 120, 500])
def test_a_short_page_and_a_wrong_total_do_not_end_the_query(genesys: Genesys, vendor: ScriptedGenesys, total_hits: int):
    """F-24, F-25: totals are approximate, and pages are short where duplicates were taken out (R-6)."""
    vendor.pages = [conversations(1, 2, 3), conversations(4), conversations(5, 6)]
    vendor.total_hits = total_hits
    pages = list(walk(genesys, "conversation_query"))
    assert ids(pages) == [f"c-{n}" for n in range(1, 7)]
    assert pages[-1].record_count == 0


def test_a_query_page_without_conversations_ends_it_only_past_its_total(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers(QUERY, httpx.Response(200, json={"conversations": conversations(1), "totalHits": 1}))
    vendor.answers(QUERY, httpx.Response(200, json={"totalHits": 1}))
    assert ids(walk(genesys, "conversation_query")) == ["c-1"]
    vendor.answers(QUERY, httpx.Response(200, json={"conversations": conversations(1), "totalHits": 300}))
    vendor.answers(QUERY, *[httpx.Response(200, json={"totalHits": 300}) for _ in range(3)])
    with pytest.raises(BodyDamaged, match="do not reach its totalHits"):
        list(walk(genesys, "conversation_query"))


def test_a_query_goes_on_in_another_process(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    first = next(walk(client(time, vendor, tmp_path), "conversation_query"))
    rest = list(walk(client(time, vendor, tmp_path), "conversation_query", resume=first.checkpoint))
    assert ids(rest) == ["c-3"]


def test_a_query_beyond_its_reach_is_read_in_halves(genesys: Genesys, vendor: ScriptedGenesys):
    """F-16: 100,000 is where paging ends."""
    vendor.answers(QUERY, httpx.Response(200, json={"conversations": conversations(9), "totalHits": 100_001}))
    pages = list(walk(genesys, "conversation_query"))
    assert ids(pages) == ["c-1", "c-2", "c-3"] * 2
    assert [page.is_last for page in pages] == [False] * 5 + [True]


def test_a_query_that_is_refused_is_not_a_dead_cursor(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers(QUERY, complaint(400, "bad.request", "a search interval … does not exceed 7 days"))
    with pytest.raises(RequestRejected):
        list(walk(genesys, "conversation_query"))


@pytest.mark.parametrize(("start", "end"), [(DAY, DAY), (DAY_LATER, DAY), (DAY.replace(tzinfo=None), DAY_LATER.replace(tzinfo=None))])
def test_a_window_without_extent_or_zone_is_refused_before_anything_is_sent(
    genesys: Genesys, vendor: ScriptedGenesys, start: datetime, end: datetime
):
    with pytest.raises(ValueError, match=r"empty|zone"):
        genesys.interactions("conversation_jobs", start=start, end=end)
    assert vendor.requests == []
