import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from genesys_crm_assets.sources.errors import (
    BodyDamaged,
    PermissionMissing,
    RateLimited,
    RedirectRefused,
    RequestRejected,
    ServerFault,
    SourceError,
    StrayHost,
    TokenRejected,
    Transient,
    Unreachable,
)
from genesys_crm_assets.sources.genesys import Genesys
from genesys_crm_assets.sources.http import RetryPolicy
from genesys_crm_assets_tests.sources.scripted_genesys import AGGREGATES, JOBS, SECRET, ScriptedGenesys, complaint, too_many
from genesys_crm_assets_tests.sources.scripted_time import NOON, Time, limiter

DAY = datetime(2026, 11, 19, tzinfo=UTC)
AVAILABILITY = f"{JOBS}/availability"


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def vendor(time: Time):
    return ScriptedGenesys(time)


@pytest.fixture
def genesys(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    return client(time, vendor, tmp_path)


def client(
    time: Time, vendor: ScriptedGenesys, folder: Path, *, secret: str = SECRET, policy: RetryPolicy | None = None, per_minute: int = 10_000
):
    return Genesys(
        api_url="https://api.example.com",
        login_url="https://login.example.com",
        client_id="client-1",
        client_secret=secret,
        limiter=limiter(time, folder, per_minute=per_minute),
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=lambda: 0.5,
        transport=httpx.MockTransport(vendor),
        policy=policy,
    )


def totals(genesys: Genesys):
    return genesys.queue_totals(start=DAY, end=DAY + timedelta(days=1), metrics=["nOffered", "tHandle"])


def test_how_far_the_jobs_reach_is_told_in_utc(genesys: Genesys):
    assert genesys.availability() == datetime(2026, 11, 20, 4, 10, 3, tzinfo=UTC)


@pytest.mark.shows("S0-25", "S0-22", "S0-26")
def test_the_totals_ask_for_utc_by_name_and_come_as_a_page(genesys: Genesys, vendor: ScriptedGenesys):
    page = totals(genesys)
    (sent,) = vendor.asked(AGGREGATES)
    assert json.loads(sent.content) == {
        "interval": "2026-11-19T00:00:00.000Z/2026-11-20T00:00:00.000Z",
        "timeZone": "UTC",
        "groupBy": ["queueId", "mediaType"],
        "metrics": ["nOffered", "tHandle"],
    }
    assert sent.headers["authorization"] == "Bearer TOKEN-CANARY-1"
    assert sent.headers["content-type"] == sent.headers["accept"] == "application/json"
    assert (page.record_count, page.is_last, page.checkpoint, page.attempts) == (1, True, None, 1)
    assert page.received_at == NOON
    assert json.loads(page.request)["path"] == AGGREGATES


@pytest.mark.shows("S0-21")
@pytest.mark.parametrize("metrics", [[], ["nOffered", "nOffered"], ["handle-time"], ["*"]])
def test_totals_that_the_vendor_would_refuse_without_a_reason_are_refused_here_with_one(
    genesys: Genesys, vendor: ScriptedGenesys, metrics: list[str]
):
    with pytest.raises(ValueError, match="metrics must be distinct"):
        genesys.queue_totals(start=DAY, end=DAY + timedelta(days=1), metrics=metrics)
    assert vendor.requests == []


def test_no_results_are_no_groups_but_an_error_is_not(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers(AGGREGATES, httpx.Response(200, json={}))
    assert totals(genesys).record_count == 0
    vendor.answers(AGGREGATES, *[httpx.Response(200, json={"message": "try later", "code": "x"})] * 3)
    with pytest.raises(BodyDamaged):
        totals(genesys)


@pytest.mark.shows("S0-44")
def test_a_revoked_token_costs_one_renewal_and_the_same_request_again(genesys: Genesys, vendor: ScriptedGenesys):
    """F-5."""
    genesys.availability()
    vendor.revoke()
    assert genesys.availability().year == 2026
    assert [request.headers["authorization"] for request in vendor.asked("/availability")] == [
        "Bearer TOKEN-CANARY-1",
        "Bearer TOKEN-CANARY-1",
        "Bearer TOKEN-CANARY-2",
    ]


def test_tokens_that_are_never_accepted_end_with_the_names_of_the_variables(genesys: Genesys, vendor: ScriptedGenesys):
    """F-6."""
    vendor.answers("/availability", *[complaint(401, "bad.credentials")] * 5)
    with pytest.raises(TokenRejected, match="GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET") as caught:
        genesys.availability()
    assert len(vendor.asked("/oauth/token")) <= 3
    assert "CANARY" not in str(caught.value)


@pytest.mark.shows("S2-5", "S2-7")
def test_a_token_is_asked_for_as_a_form_by_the_clients_own_credentials(genesys: Genesys, vendor: ScriptedGenesys):
    """No person's password and no refresh token; id and secret go in the header that servers keep out of their logs."""
    genesys.availability()
    (request,) = vendor.asked("/oauth/token")
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.content == b"grant_type=client_credentials"
    assert request.headers["authorization"].startswith("Basic ")


def test_wrong_credentials_are_asked_about_once_and_never_repeated(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    """F-6, F-80: 400 invalid_client, with the secret echoed by the vendor."""
    genesys = client(time, vendor, tmp_path, secret="SECRET-CANARY-wrong")
    with pytest.raises(TokenRejected, match="GENESYS_CLIENT_SECRET") as caught:
        genesys.availability()
    assert len(vendor.requests) == 1
    assert "CANARY" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__dict__}"


@pytest.mark.shows("S2-11")
def test_a_login_host_in_trouble_is_asked_again(genesys: Genesys, vendor: ScriptedGenesys, time: Time):
    """F-8."""
    vendor.token_answers = [httpx.Response(503), httpx.Response(200, json={"error": "odd"}), complaint(500, "internal.server.error")]
    genesys.availability()
    assert time.slept == pytest.approx([0.25, 0.5, 1.0])


@pytest.mark.shows("S2-11")
def test_a_login_host_that_stays_in_trouble_fails_the_job_after_a_bounded_number_of_attempts(
    genesys: Genesys, vendor: ScriptedGenesys, time: Time
):
    """F-8: backoff first, then an error that says what to do; never a loop."""
    vendor.token_answers = [httpx.Response(503) for _ in range(50)]
    with pytest.raises(ServerFault, match="Run again later"):
        genesys.availability()
    assert 1 < len(vendor.asked("/oauth/token")) == len(time.slept) + 1 < 20


@pytest.mark.shows("S2-8")
@pytest.mark.parametrize("life", [None, 0, "soon", -1, True, "86399"])
def test_a_token_whose_life_makes_no_sense_still_serves(time: Time, vendor: ScriptedGenesys, tmp_path: Path, life: object):
    """F-8."""
    vendor.expires_in = life
    genesys = client(time, vendor, tmp_path)
    for _ in range(20):
        genesys.availability()
    assert vendor.issued == 1


@pytest.mark.shows("S2-8", "S2-9")
def test_a_token_is_renewed_before_the_vendor_refuses_it(genesys: Genesys, vendor: ScriptedGenesys, time: Time):
    """F-7: no 401 is ever seen."""
    vendor.expires_in = 600
    genesys.availability()
    time.passed += 481
    genesys.availability()
    assert vendor.issued == 2
    assert len(vendor.asked("/availability")) == 2


@pytest.mark.shows("S0-28", "S2-33", "S0-31")
def test_three_429s_are_waited_out_and_nothing_is_sent_meanwhile(
    genesys: Genesys, vendor: ScriptedGenesys, caplog: pytest.LogCaptureFixture
):
    """F-1, O6."""
    vendor.answers("/availability", *[too_many("7")] * 3)
    with caplog.at_level(logging.WARNING):
        genesys.availability()
    arrivals = vendor.arrivals[1:]
    assert [later - earlier for earlier, later in pairwise(arrivals)] == pytest.approx([8, 8, 8])
    assert sum("Retry-After 7" in record.getMessage() for record in caplog.records) == 3


@pytest.mark.shows("S0-28")
def test_a_pause_told_to_one_client_holds_back_another(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    one, other = client(time, vendor, tmp_path), client(time, vendor, tmp_path)
    other.availability()
    vendor.answers("/availability", too_many("400"))
    with pytest.raises(RateLimited):
        one.availability()
    sent = len(vendor.requests)
    with pytest.raises(RateLimited, match="401 more seconds"):
        other.availability()
    assert len(vendor.requests) == sent


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_the_vendors_own_trouble_is_tried_again(genesys: Genesys, vendor: ScriptedGenesys, time: Time, status: int):
    """F-9: a 502 of the CDN is HTML."""
    vendor.answers("/availability", httpx.Response(status, text="<html>oops</html>"))
    genesys.availability()
    assert time.slept == pytest.approx([0.25])


@pytest.mark.parametrize(
    "event",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectError("[Errno -2] Name or service not known"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        httpx.RemoteProtocolError("server disconnected"),
    ],
)
def test_a_connection_that_fails_is_tried_again_and_then_named(genesys: Genesys, vendor: ScriptedGenesys, event: Exception):
    """F-9."""
    vendor.answers("/availability", event)
    genesys.availability()
    vendor.answers("/availability", *[event] * 8)
    with pytest.raises(Unreachable, match=type(event).__name__):
        genesys.availability()


def cut(body: bytes, share: float) -> httpx.Response:
    headers = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body[: int(len(body) * share)]))


@pytest.mark.shows("S2-44")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_body_cut_short_is_asked_for_again(genesys: Genesys, vendor: ScriptedGenesys, share: float):
    """F-11."""
    body = json.dumps({"dataAvailabilityDate": "2026-11-20T04:10:03Z", "padding": "x" * 200}).encode()
    vendor.answers("/availability", cut(body, share))
    genesys.availability()
    assert len(vendor.asked("/availability")) == 2


def test_a_body_that_ends_early_in_whole_json_is_still_cut_short(genesys: Genesys, vendor: ScriptedGenesys):
    """F-11: only the length tells."""
    body = b'{"dataAvailabilityDate": "2026-11-20T04:10:03Z"}       '
    vendor.answers("/availability", *[cut(body, 0.95) for _ in range(3)])
    with pytest.raises(BodyDamaged, match="bytes came"):
        genesys.availability()


def test_a_gzip_that_is_none_is_damage(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/availability", httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip")))
    genesys.availability()
    assert len(vendor.asked("/availability")) == 2


class Dripping(httpx.SyncByteStream):
    """One byte a second, for ever."""

    def __init__(self, time: Time) -> None:
        self.time = time

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.time.passed += 1
            yield b" "


def test_an_answer_that_drips_for_ever_is_given_up(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    """F-10: each byte comes within the read timeout, so only a total ends it."""
    genesys = client(time, vendor, tmp_path, policy=RetryPolicy(total_s=3.0, attempts=2))
    vendor.answers("/availability", *[lambda _: httpx.Response(200, stream=Dripping(time))] * 2)
    with pytest.raises(Unreachable, match="still dripping after 3 s"):
        genesys.availability()
    assert time.passed < 12


def test_an_answer_without_end_is_given_up(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    """F-61: the size that counts is the one after decompression."""
    genesys = client(time, vendor, tmp_path, policy=RetryPolicy(body_max_bytes=1000, damaged_attempts=1))
    vendor.answers("/availability", httpx.Response(200, content=b" " * 1001))
    with pytest.raises(BodyDamaged, match="longer than 1000 bytes"):
        genesys.availability()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_the_decoy_hears_nothing(genesys: Genesys, vendor: ScriptedGenesys, status: int):
    """F-17, O5."""
    vendor.answers("/availability", httpx.Response(status, headers={"Location": "https://decoy.example/steal"}))
    with pytest.raises(RedirectRefused):
        genesys.availability()
    assert {request.url.host for request in vendor.requests} == {"api.example.com", "login.example.com"}


def test_the_secret_goes_to_the_login_host_and_nowhere_else(genesys: Genesys, vendor: ScriptedGenesys):
    genesys.availability()
    assert [request.url.host for request in vendor.requests if "basic" in request.headers["authorization"].lower()] == ["login.example.com"]


@pytest.mark.shows("S1-7")
@pytest.mark.parametrize(
    ("code", "message", "permission"),
    [
        (
            "missing.permissions",
            "Unable. You are missing the following permission(s): analytics:conversationDetail:view",
            "analytics:conversationDetail:view",
        ),
        ("missing.any.permissions", "one of [analytics:a:view, analytics:b:view]", "analytics:a:view, analytics:b:view"),
        ("not.authorized", "Not authorized", None),
    ],
)
def test_a_missing_permission_is_named_with_the_variable_that_does_without(
    genesys: Genesys, vendor: ScriptedGenesys, code: str, message: str, permission: str | None
):
    vendor.answers("/availability", complaint(403, code, message))
    with pytest.raises(PermissionMissing, match="SOURCES_ABSENT") as caught:
        genesys.availability()
    assert caught.value.permission == permission
    assert (caught.value.code, caught.value.correlation_id, caught.value.status) == (code, "context-1", 403)


def test_a_request_that_is_refused_is_not_repeated(genesys: Genesys, vendor: ScriptedGenesys):
    text = "You must specify a search interval as part of your query that does not exceed 7 days"
    vendor.answers(AGGREGATES, complaint(400, "bad.request", text))
    with pytest.raises(RequestRejected, match="does not exceed 7 days"):
        totals(genesys)
    assert len(vendor.asked(AGGREGATES)) == 1


@pytest.mark.shows("S0-29", "S2-29")
def test_the_requests_per_minute_hold_on_the_wire(time: Time, vendor: ScriptedGenesys, tmp_path: Path):
    """P7: tokens count too."""
    genesys = client(time, vendor, tmp_path, per_minute=10)
    for _ in range(25):
        genesys.availability()
    assert all(later - earlier > 60 for earlier, later in zip(vendor.arrivals, vendor.arrivals[10:], strict=False))


@pytest.mark.parametrize("url", ["http://api.example.com", "https://api.example.com/api/v2"])
def test_an_address_that_would_leak_is_refused_before_anything_is_sent(time: Time, tmp_path: Path, url: str):
    with pytest.raises(StrayHost, match="GENESYS_API_URL"):
        Genesys(
            api_url=url,
            login_url="https://login.example.com",
            client_id="client-1",
            client_secret=SECRET,
            limiter=limiter(time, tmp_path),
            clock=time.clock,
            sleep=time.sleep,
            monotonic=time.monotonic,
            random=lambda: 0.5,
        )


def test_no_error_and_no_log_record_holds_a_secret(time: Time, vendor: ScriptedGenesys, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """F-80, O4: after every kind of failure."""
    genesys = client(time, vendor, tmp_path)
    echo = f"Bearer TOKEN-CANARY-1 of anna@example.com, client_secret={SECRET}"
    for status in (400, 401, 403, 404, 409, 413, 429, 500, 302):
        vendor.answers("/availability", *[complaint(status, "x", echo)] * 8)
    said = []
    with caplog.at_level(logging.DEBUG, "genesys_crm_assets"):
        for _ in range(12):
            try:
                genesys.availability()
            except SourceError as error:
                said.append(f"{error}{error!r}{error.__dict__}{error.__cause__!r}")
    assert len(said) >= 8
    assert "CANARY" not in caplog.text + "".join(said) + repr(genesys)
    assert "anna" not in caplog.text + "".join(said)


def test_an_error_is_transient_exactly_when_another_attempt_may_help(genesys: Genesys, vendor: ScriptedGenesys):
    vendor.answers("/availability", *[httpx.Response(503)] * 8)
    with pytest.raises(Transient) as caught:
        genesys.availability()
    assert isinstance(caught.value, ServerFault)
    assert caught.value.url == "https://api.example.com" + AVAILABILITY
