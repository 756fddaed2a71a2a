"""Adherence: one job, its results from another host, and no secret that goes there or is told."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from genesys_crm_assets.sources.errors import (
    BodyDamaged,
    CursorRejected,
    DeadlineExceeded,
    JobExpired,
    JobFailed,
    PermissionMissing,
    RedirectRefused,
    ServerFault,
    SourceError,
    StrayHost,
    UnexpectedShape,
)
from genesys_crm_assets.sources.genesys import Genesys
from genesys_crm_assets.sources.http import RetryPolicy
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets_tests.sources.scripted_adherence import BULK, STORE, ScriptedAdherence, result
from genesys_crm_assets_tests.sources.scripted_genesys import SECRET, complaint
from genesys_crm_assets_tests.sources.scripted_time import Time, limiter

DAY = datetime(2026, 11, 19, tzinfo=UTC)
UNITS = ["mu-1", "mu-2"]


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def vendor(time: Time):
    return ScriptedAdherence(time)


@pytest.fixture
def genesys(time: Time, vendor: ScriptedAdherence, tmp_path: Path):
    return Genesys(
        api_url="https://api.example.com",
        login_url="https://login.example.com",
        client_id="client-1",
        client_secret=SECRET,
        limiter=limiter(time, tmp_path),
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=lambda: 0.5,
        transport=httpx.MockTransport(vendor),
        policy=RetryPolicy(attempts=3),
    )


def pages(genesys: Genesys, *units: str, resume: str | None = None) -> list[Page]:
    return list(genesys.adherence(list(units or UNITS), start=DAY, end=DAY + timedelta(days=1), resume=resume))


def refused(genesys: Genesys, kind: type[SourceError], said: str) -> SourceError:
    with pytest.raises(kind, match=said) as caught:
        pages(genesys)
    return caught.value


def test_all_units_are_asked_for_at_once_over_the_utc_day(genesys: Genesys, vendor: ScriptedAdherence):
    found = pages(genesys)
    over = {"startDate": "2026-11-19T00:00:00.000Z", "endDate": "2026-11-20T00:00:00.000Z", "includeExceptions": False}
    items = [{"managementUnitId": unit, **over, "includeActuals": False} for unit in UNITS]
    assert vendor.submitted == [{"items": items, "timeZone": "UTC"}]
    assert [json.loads(page.body) for page in found] == [result("mu-1", "ann", "bob"), result("mu-2", "cid")]
    assert [(page.number, page.feed, page.record_count, page.is_last) for page in found] == [
        (1, "adherence", 2, False),
        (2, "adherence", 1, True),
    ]
    assert json.loads(found[0].request) == {
        "method": "GET", "path": "/results/job-1-1/mu-1.json", "query": {}, "body": vendor.submitted[0],
    }  # fmt: skip
    assert [page.attempts for page in found] == [4, 1], "submitting and looking belong to the first page"
    assert found[1].checkpoint is None


@pytest.mark.parametrize(("looks", "slept"), [(0, []), (1, []), (4, [0.2, 0.32, 0.512])])
def test_a_job_is_looked_at_ever_less_often_and_not_at_all_when_it_is_done_at_once(
    genesys: Genesys, vendor: ScriptedAdherence, time: Time, looks: int, slept: list[float]
):
    vendor.looks = looks
    assert len(pages(genesys)) == 2
    assert time.slept == pytest.approx(slept)
    assert len([request for request in vendor.requests if "/jobs/" in request.url.path]) == looks


@pytest.mark.shows("S0-44")
def test_the_host_of_a_download_is_told_its_link_to_the_byte_and_no_token(genesys: Genesys, vendor: ScriptedAdherence):
    """P8: a token goes to no host that was not configured. A signature holds for the very bytes that were signed."""
    pages(genesys)
    assert len(vendor.fetched) == 2
    for request in vendor.fetched:
        assert request.url.host == STORE
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
        assert request.content == b""
        assert request.url.raw_path.decode().endswith("?X-Sign=SIGNATURE-CANARY/+0%2F%7e&b=")
    assert all("authorization" in request.headers for request in vendor.requests if request.url.host == "api.example.com")


ENDINGS: list[Any] = [
    (403, ["<StringToSign>{url}</StringToSign>"] * 9, JobExpired),
    (500, ["{url}"] * 9, ServerFault),
    (302, ["{url}"], RedirectRefused),
    (200, ["{url}"] * 9, BodyDamaged),
    (200, ["{{}}"] * 9, BodyDamaged),
    (418, ["{url}"], SourceError),
]


@pytest.mark.parametrize(("status", "texts", "kind"), ENDINGS)
def test_no_message_no_log_and_no_page_tells_a_signature(  # noqa: PLR0917 - as pytest hands them over
    genesys: Genesys, vendor: ScriptedAdherence, caplog: pytest.LogCaptureFixture, status: int, texts: list[str], kind: type[SourceError]
):
    """Whatever the host of a download answers, its words are not quoted: a refusal repeats the link it refuses."""
    caplog.set_level(logging.DEBUG)
    well = [repr(page) for page in pages(genesys)]

    def answer(text: str) -> Any:
        return lambda request: httpx.Response(status, text=text.format(url=request.url), headers={"Location": str(request.url)})

    vendor.answers("mu-1.json", *[answer(text) for text in texts])
    caught = refused(genesys, kind, "download|body")
    assert f"{STORE}/results/job-2-" in str(caught)
    told = "".join([*well, str(caught), repr(caught), repr(caught.__dict__), repr(caught.__cause__), caplog.text])
    assert f"{STORE}/results/job-1-1/mu-2.json -> 200" in caplog.text
    assert "CANARY" not in told
    assert "X-Sign" not in told


def test_a_link_that_expired_is_signed_anew_once(genesys: Genesys, vendor: ScriptedAdherence):
    """F-14: signatures live shorter than jobs do. What has come is not fetched again."""
    vendor.good_for = 1
    assert [json.loads(page.body)["managementUnitId"] for page in pages(genesys)] == UNITS
    assert [request.url.path.rpartition("/")[2] for request in vendor.fetched] == ["mu-1.json", "mu-2.json", "mu-2.json"]
    assert len(vendor.submitted) == 1


def test_links_that_are_refused_however_new_end_the_walk(genesys: Genesys, vendor: ScriptedAdherence):
    vendor.good_for = 0
    refused(genesys, CursorRejected, "no longer accepts")
    assert (len(vendor.submitted), len(vendor.fetched)) == (1, 2)


def test_a_walk_is_gone_on_with_where_it_was(genesys: Genesys, vendor: ScriptedAdherence):
    """S2-21: a killed run does not ask for what it has, and no signature is kept meanwhile."""
    first = pages(genesys)[0]
    assert first.checkpoint is not None
    assert "CANARY" not in first.checkpoint
    vendor.fetched.clear()
    (rest,) = pages(genesys, resume=first.checkpoint)
    assert (rest.number, rest.is_last, json.loads(rest.body)["managementUnitId"]) == (2, True, "mu-2")
    assert len(vendor.fetched) == 1
    assert len(vendor.submitted) == 1


def test_pages_of_two_jobs_or_two_questions_are_never_spliced(genesys: Genesys, vendor: ScriptedAdherence):
    """S2-24."""
    checkpoint = str(pages(genesys)[0].checkpoint)
    with pytest.raises(CursorRejected, match="another question"):
        pages(genesys, "mu-1", resume=checkpoint)
    with pytest.raises(CursorRejected, match="cannot be read"):
        pages(genesys, resume="{}")
    for units, said in ((UNITS[::-1], "another order"), (UNITS[:1], "other results")):
        vendor.jobs["job/1"] = units
        with pytest.raises(CursorRejected, match=said):
            pages(genesys, resume=checkpoint)
    vendor.jobs.clear()
    with pytest.raises(CursorRejected, match="does not know the job"):
        pages(genesys, resume=checkpoint)


def test_a_download_is_tried_again_as_any_request_is(genesys: Genesys, vendor: ScriptedAdherence, time: Time):
    vendor.looks = 0
    vendor.answers("mu-1.json", httpx.Response(503), httpx.ReadTimeout("slow"))
    vendor.answers("mu-2.json", httpx.Response(429, headers={"Retry-After": "7"}))
    assert [page.attempts for page in pages(genesys)] == [4, 2]
    assert time.slept == [0.25, 0.5, 8.0]


def test_a_result_without_agents_is_a_page_of_none(genesys: Genesys, vendor: ScriptedAdherence):
    vendor.agents = {"mu-1": [], "mu-2": []}
    assert [page.record_count for page in pages(genesys)] == [0, 0]


def test_a_job_that_fails_is_never_an_empty_answer(genesys: Genesys, vendor: ScriptedAdherence):
    vendor.ends_as = "Error"
    refused(genesys, JobFailed, "ended in an error")
    vendor.ends_as = "Dreaming"
    refused(genesys, UnexpectedShape, "unknown state 'Dreaming'")
    vendor.answers(BULK, httpx.Response(200, json={"job": {"id": "j", "status": "Complete"}, "downloadUrls": []}))
    refused(genesys, UnexpectedShape, "hands out no result")
    vendor.looks = 10_000
    refused(genesys, DeadlineExceeded, "not done after 1800 s")


@pytest.mark.parametrize("message", ["Missing the following permission(s): [wfm:historicalAdherence:view]", "not authorized"])
def test_a_missing_permission_is_named_whether_the_vendor_does_or_not(genesys: Genesys, vendor: ScriptedAdherence, message: str):
    vendor.answers(BULK, complaint(403, "missing.permissions", message))
    caught = refused(genesys, PermissionMissing, "wfm:historicalAdherence:view")
    assert isinstance(caught, PermissionMissing)
    assert caught.permission == "wfm:historicalAdherence:view"
    assert "SOURCES_ABSENT" in str(caught)


@pytest.mark.parametrize(
    "store",
    [
        "http://downloads.example.net", "ftp://downloads.example.net", "//downloads.example.net", "https://user@downloads.example.net",
        "https://downloads.example.net:port", "https:\\\\downloads.example.net", "https://", "", "file://", "http://localhost.example.net",
    ],
)  # fmt: skip
def test_a_link_that_leads_where_none_may_is_refused_before_anything_is_sent(genesys: Genesys, vendor: ScriptedAdherence, store: str):
    """F-65."""
    vendor.store = store
    caught = refused(genesys, StrayHost, "download")
    assert vendor.fetched == []
    assert "CANARY" not in f"{caught!r}"


@pytest.mark.parametrize("store", ["http://127.0.0.1:8080", "http://localhost:8080", "https://127.0.0.1:8443", "https://a.example:444"])
def test_links_may_lead_to_any_host_by_https_and_to_this_machine(genesys: Genesys, vendor: ScriptedAdherence, store: str):
    vendor.store = store
    assert len(pages(genesys)) == 2
    assert {f"{request.url.scheme}://{request.url.host}:{request.url.port}" for request in vendor.fetched} == {store}


def test_without_a_unit_nothing_is_asked(genesys: Genesys, vendor: ScriptedAdherence):
    with pytest.raises(ValueError, match="there is none"):
        genesys.adherence([], start=DAY, end=DAY + timedelta(days=1))
    assert vendor.requests == []
