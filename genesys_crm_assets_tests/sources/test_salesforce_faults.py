import gzip
import json
import logging
import time as real_time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets.sources.errors import (
    BodyDamaged,
    CursorRejected,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    RedirectRefused,
    RequestRejected,
    ServerFault,
    SourceError,
    Unreachable,
)
from genesys_crm_assets.sources.http import RetryPolicy
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.sources.salesforce import SalesforceOrg, soql
from genesys_crm_assets_tests.sources.scripted_salesforce import SECRET, Reply, ScriptedSalesforce, client, error, records, served
from genesys_crm_assets_tests.sources.scripted_time import Time

CASES = soql.select("Case", ["Id", "Subject"])
CONTINUATION = "/query/01g"


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def vendor():
    with served(ScriptedSalesforce()) as vendor:
        yield vendor


@pytest.fixture
def org(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    org = client(time, vendor, tmp_path)
    yield org
    org.close()


def ids(pages: Iterable[Page]):
    return [record["Id"] for page in pages for record in json.loads(page.body)["records"]]


ALL = [record["Id"] for record in records(1, 2, 3)]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused(org: SalesforceOrg, vendor: ScriptedSalesforce, status: int):
    """F-17."""
    with served(ScriptedSalesforce()) as decoy:
        vendor.answers("queryAll", Reply(status, b"", {"Location": decoy.url + "/steal"}))
        with pytest.raises(RedirectRefused):
            list(org.query(CASES))
        assert decoy.requests == []


@pytest.mark.parametrize("status", [406, 408, 420, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message":"odd"}'])
def test_trouble_without_json_is_tried_again(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time, status: int, body: Any):
    """F-9."""
    vendor.answers("queryAll", Reply(status, body))
    assert ids(org.query(CASES)) == ALL
    assert time.slept == pytest.approx([0.25])


def test_trouble_that_lasts_is_named(org: SalesforceOrg, vendor: ScriptedSalesforce):
    vendor.answers("queryAll", *[error(503, "SERVER_UNAVAILABLE")] * 8)
    with pytest.raises(ServerFault) as caught:
        list(org.query(CASES))
    assert (caught.value.status, caught.value.code) == (503, "SERVER_UNAVAILABLE")
    assert "SELECT" not in str(caught.value)


def test_a_429_is_waited_out(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time):
    vendor.answers("queryAll", Reply(429, b"", {"Retry-After": "7"}))
    assert ids(org.query(CASES)) == ALL
    assert time.slept == pytest.approx([8.0])


def test_too_many_long_requests_at_once_are_a_matter_of_patience(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time):
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    vendor.answers("queryAll", *[error(403, "REQUEST_LIMIT_EXCEEDED", message)] * 2)
    assert ids(org.query(CASES)) == ALL
    assert time.slept == pytest.approx([0.25, 0.5])
    vendor.answers("queryAll", *[error(403, "REQUEST_LIMIT_EXCEEDED", message)] * 8)
    with pytest.raises(RateLimited):
        list(org.query(CASES))


@pytest.mark.shows("S0-31")
def test_a_spent_daily_allocation_stops_at_once(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time):
    """F-4: no tight loop, and nothing of the page is taken for data."""
    pages = org.query(CASES)
    next(pages)
    vendor.answers(CONTINUATION, error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    with pytest.raises(QuotaExhausted, match="TotalRequests"):
        next(pages)
    assert time.slept == []


@pytest.mark.parametrize(
    ("told", "kind", "says"),
    [
        ((400, "MALFORMED_QUERY"), RequestRejected, "MALFORMED_QUERY"),
        ((400, "INVALID_FIELD"), RequestRejected, "mapping.toml"),
        ((400, "INVALID_TYPE"), RequestRejected, "SOURCES_ABSENT"),
        ((400, "QUERY_TIMEOUT"), CursorRejected, "first page"),
        ((403, "API_DISABLED_FOR_ORG"), PermissionMissing, "API Enabled"),
        ((403, "INSUFFICIENT_ACCESS"), PermissionMissing, "SOURCES_ABSENT"),
        ((404, "NOT_FOUND"), RequestRejected, "NOT_FOUND"),
        ((410, "GONE"), RequestRejected, "SALESFORCE_API_VERSION"),
    ],
)
def test_an_error_is_named_for_its_code_and_not_repeated(
    org: SalesforceOrg, vendor: ScriptedSalesforce, told: tuple[int, str], kind: type[SourceError], says: str
):
    vendor.answers("queryAll", error(*told, "No such column 'X' on entity 'Case'"))
    with pytest.raises(kind, match=says) as caught:
        list(org.query(CASES))
    assert (caught.value.status, caught.value.code) == told
    assert len(vendor.asked("queryAll")) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[17]", b"null", b"<html>", b'{"message":5}'])
def test_a_refusal_in_any_shape_is_a_refusal(org: SalesforceOrg, vendor: ScriptedSalesforce, body: Any):
    vendor.answers("queryAll", Reply(400, body))
    with pytest.raises(RequestRejected):
        list(org.query(CASES))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_body_cut_short_is_asked_for_again(org: SalesforceOrg, vendor: ScriptedSalesforce, share: float, encoding: str):
    """F-11."""
    whole = json.dumps({"totalSize": 1, "done": True, "records": records(1), "padding": "x" * 300}).encode()
    whole = gzip.compress(whole) if encoding == "gzip" else whole
    cut = Reply(200, whole[: int(len(whole) * share)], {"Content-Encoding": encoding}, promised=len(whole))
    vendor.answers("queryAll", cut)
    assert ids(org.query(CASES)) == ALL
    assert len(vendor.asked("queryAll")) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"totalSize":1,"done":true,"records":[{"a":NaN}]}',
        b"\xef\xbb\xbf{}",
        b'[{"message":"x"}]',
        b'{"totalSize":0,"done":true}',
    ],
)
def test_a_success_that_is_none_is_damage(org: SalesforceOrg, vendor: ScriptedSalesforce, body: Any):
    """F-12, F-13."""
    vendor.answers("queryAll", *[Reply(200, body)] * 3)
    with pytest.raises(BodyDamaged):
        list(org.query(CASES))
    assert ids(org.query(CASES)) == ALL


def test_more_to_come_without_saying_where_is_damage(org: SalesforceOrg, vendor: ScriptedSalesforce):
    vendor.answers("queryAll", *[Reply(200, {"totalSize": 2, "done": False, "records": records(1)})] * 3)
    with pytest.raises(BodyDamaged, match="not where"):
        list(org.query(CASES))


def test_an_answer_that_drips_is_given_up(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    """F-10: on a real socket, each byte well within the read timeout."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                real_time.sleep(0.02)
        except OSError:
            return

    org = client(time, vendor, tmp_path, monotonic=real_time.monotonic, policy=RetryPolicy(total_s=0.2, attempts=1))
    vendor.answers("queryAll", drip)
    began = real_time.monotonic()
    with pytest.raises(Unreachable, match="dripping"):
        list(org.query(CASES))
    assert real_time.monotonic() - began < 2


def test_an_answer_that_never_begins_is_given_up(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    """F-10: simple-salesforce alone would wait for ever."""
    org = client(time, vendor, tmp_path, policy=RetryPolicy(read_s=0.1, attempts=1))
    vendor.answers("queryAll", lambda _: real_time.sleep(0.5))
    with pytest.raises(Unreachable):
        list(org.query(CASES))


def test_a_body_that_swells_is_given_up(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    """F-61."""
    org = client(time, vendor, tmp_path, policy=RetryPolicy(body_max_bytes=100_000, damaged_attempts=1))
    vendor.answers("queryAll", Reply(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}))
    with pytest.raises(BodyDamaged, match="longer than"):
        list(org.query(CASES))


def test_a_refused_connection_is_named_without_the_query(time: Time, tmp_path: Path):
    """F-9, F-80."""
    with served(ScriptedSalesforce()) as gone:
        pass
    org = client(time, gone, tmp_path)
    with pytest.raises(Unreachable, match="ConnectionError") as caught:
        list(org.query(CASES))
    assert "SELECT" not in f"{caught.value}{caught.value.__cause__}"


def test_no_error_and_no_log_record_holds_a_secret_or_the_query(
    org: SalesforceOrg, vendor: ScriptedSalesforce, caplog: pytest.LogCaptureFixture
):
    """F-80, O4."""
    echo = f"Bearer TOKEN-CANARY-1 of anna@example.com, client_secret={SECRET}"
    for status in (400, 401, 401, 403, 404, 500, 302, 431):
        vendor.answers("queryAll", error(status, "X", echo))
    said = []
    with caplog.at_level(logging.DEBUG, "genesys_crm_assets"):
        for _ in range(8):
            try:
                list(org.query(CASES))
            except SourceError as caught:
                said.append(f"{caught}{caught!r}{caught.__dict__}{caught.__cause__!r}")
    assert len(said) >= 5
    assert "CANARY" not in caplog.text + "".join(said) + repr(org)
    assert "anna" not in caplog.text + "".join(said)
    assert "SELECT" not in caplog.text + "".join(said)
