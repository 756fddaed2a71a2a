import gzip
import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
import requests

from genesys_crm_assets.sources.errors import (
    CursorRejected,
    CursorRepeated,
    QuotaExhausted,
    RequestRejected,
    StrayHost,
    TokenRejected,
    TotalNotReached,
    Unreachable,
)
from genesys_crm_assets.sources.http import RetryPolicy
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.sources.salesforce import SalesforceOrg, soql
from genesys_crm_assets.sources.salesforce.limits import usage
from genesys_crm_assets_tests.sources.scripted_salesforce import (
    API,
    SECRET,
    TOKEN,
    Reply,
    ScriptedSalesforce,
    client,
    error,
    records,
    served,
)
from genesys_crm_assets_tests.sources.scripted_time import NOON, Time, limiter

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


@pytest.mark.shows("S0-36", "S0-42")
def test_a_query_is_read_to_its_end_by_the_links_as_given(org: SalesforceOrg, vendor: ScriptedSalesforce):
    pages = list(org.query(CASES))
    assert ids(pages) == ALL
    first, second = vendor.asked("/services/data")
    assert (first.path, first.query) == (f"{API}/queryAll/", {"q": [CASES]})
    assert (second.path, second.query) == (f"{API}/query/01gD0000002HU6KIAW-1", {})
    assert [(page.number, page.record_count, page.is_last, page.attempts) for page in pages] == [(1, 2, False, 1), (2, 1, True, 1)]
    assert [page.cursor for page in pages] == [None, second.path]
    assert json.loads(pages[0].request) == {"method": "GET", "path": first.path, "query": {"q": CASES}, "body": None}
    assert pages[0].received_at == NOON


def test_deleted_records_come_unless_they_are_not_wanted(org: SalesforceOrg, vendor: ScriptedSalesforce):
    list(org.query(CASES, include_deleted=False))
    assert vendor.asked("/services/data")[0].path == f"{API}/query/"


def test_bodies_are_kept_as_they_came_and_not_asked_for_indented(org: SalesforceOrg, vendor: ScriptedSalesforce):
    odd = b'{ "done":true,  "totalSize":1, "records":[ {"Id":"5","Amount":1.10} ] }\n'
    vendor.answers("queryAll", Reply(200, gzip.compress(odd), {"Content-Encoding": "gzip"}))
    (page,) = org.query(CASES)
    assert page.body == odd
    assert "X-Prettyprint" not in {name.title() for name in vendor.requests[-1].headers}


def test_a_count_is_told_without_records(org: SalesforceOrg, vendor: ScriptedSalesforce):
    page = org.count(soql.count("Case"))
    assert (page.record_count, page.is_last, page.feed) == (3, True, "salesforce_count")
    assert vendor.requests[-1].path == f"{API}/query/"
    with pytest.raises(ValueError, match="COUNT"):
        org.count(CASES)


def test_how_far_changes_are_committed_is_told_by_the_org(org: SalesforceOrg, vendor: ScriptedSalesforce):
    covered = org.latest_date_covered("Case", start=NOON - timedelta(days=1), end=NOON)
    assert covered == datetime(2026, 11, 20, 11, 58, tzinfo=UTC)
    asked = vendor.requests[-1]
    assert asked.path == f"{API}/sobjects/Case/updated/"
    assert asked.query == {"start": ["2026-11-19T12:00:00Z"], "end": ["2026-11-20T12:00:00Z"]}


def test_describe_and_limits_come_as_told(org: SalesforceOrg):
    assert org.describe("Case")["fields"][0]["name"] == "Id"
    assert org.limits()["DailyApiRequests"]["Max"] == 100
    with pytest.raises(ValueError, match="not an sObject"):
        org.describe("Case/../../evil")


@pytest.mark.shows("S0-43", "S0-44")
def test_a_session_that_ends_in_mid_walk_costs_one_login_and_no_record(org: SalesforceOrg, vendor: ScriptedSalesforce):
    """F-5."""
    pages = org.query(CASES)
    first = next(pages)
    vendor.tokens.clear()
    assert ids([first, *pages]) == ALL
    assert vendor.issued == 2
    assert len(vendor.asked(CONTINUATION)) == 2
    assert len(vendor.asked("queryAll")) == 1


def test_a_401_with_html_is_a_401_all_the_same(org: SalesforceOrg, vendor: ScriptedSalesforce):
    vendor.answers("queryAll", Reply(401, b"<html>", {"Content-Type": "text/html"}))
    assert ids(org.query(CASES)) == ALL


def test_a_locator_that_died_with_its_session_asks_for_the_window_again(org: SalesforceOrg, vendor: ScriptedSalesforce):
    """F-5, F-14."""
    pages = org.query(CASES)
    next(pages)
    vendor.tokens.clear()
    vendor.answers(CONTINUATION, error(401, "INVALID_SESSION_ID"), error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
    with pytest.raises(CursorRejected):
        next(pages)
    assert ids(org.query(CASES)) == ALL


def test_a_login_that_is_never_accepted_ends_with_the_names_of_the_variables(org: SalesforceOrg, vendor: ScriptedSalesforce):
    """F-6."""
    vendor.answers("queryAll", *[error(401, "INVALID_SESSION_ID")] * 5)
    with pytest.raises(TokenRejected, match="SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET"):
        list(org.query(CASES))
    assert len(vendor.asked(TOKEN)) == 2


def test_describe_does_not_log_in_for_ever(org: SalesforceOrg, vendor: ScriptedSalesforce):
    """simple-salesforce's own describe logs in some 970 times."""
    vendor.answers("/describe", *[error(401, "INVALID_SESSION_ID")] * 50)
    with pytest.raises(TokenRejected):
        org.describe("Case")
    assert len(vendor.asked(TOKEN)) == 2


def test_wrong_credentials_are_tried_once(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    org = client(time, vendor, tmp_path, client_secret="SECRET-CANARY-wrong")
    with pytest.raises(TokenRejected) as caught:
        list(org.query(CASES))
    assert len(vendor.requests) == 1
    assert "CANARY" not in f"{caught.value!r}{caught.value.__dict__}"


def test_a_login_in_trouble_is_tried_again(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time):
    """F-8."""
    vendor.answers(TOKEN, Reply(503), Reply(200, {"odd": True}))
    assert ids(org.query(CASES)) == ALL
    assert time.slept == pytest.approx([0.25, 0.5])


def test_a_token_is_renewed_before_the_shortest_idle_time_of_an_org(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time):
    list(org.query(CASES))
    time.passed += 721
    list(org.query(CASES))
    assert vendor.issued == 2
    assert not any(request.headers["Authorization"] == "Bearer " for request in vendor.requests)


@pytest.mark.shows("S0-43")
def test_a_refresh_token_serves_where_the_org_allows_nothing_else(
    time: Time, vendor: ScriptedSalesforce, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    vendor.refresh_tokens, vendor.rotates = ["REFRESH-CANARY-0"], True
    org = client(time, vendor, tmp_path, refresh_token="REFRESH-CANARY-0")
    list(org.query(CASES))
    vendor.tokens.clear()
    with caplog.at_level(logging.DEBUG):
        assert ids(org.query(CASES)) == ALL
    assert "rotates refresh tokens" in caplog.text
    assert "REFRESH-CANARY" not in caplog.text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "https://acme.my.salesforce.com.evil.example", "https://evilsalesforce.com", "http://acme.my.salesforce.com"],
)
def test_an_org_that_says_it_lives_elsewhere_is_not_believed(org: SalesforceOrg, vendor: ScriptedSalesforce, elsewhere: str):
    """F-66."""
    vendor.instance_url = elsewhere
    with pytest.raises(StrayHost):
        list(org.query(CASES))
    assert len(vendor.requests) == 1


def test_an_org_may_name_its_instance(org: SalesforceOrg, vendor: ScriptedSalesforce):
    vendor.instance_url = "https://na139.salesforce.com"
    assert ids(org.query(CASES)) == ALL


@pytest.mark.parametrize(
    "link",
    [
        "@127.0.0.1:1/services/data/v68.0/query/01g-1",
        "//evil.example/services/data/v68.0/query/01g-1",
        "https://evil.example/services/data/v68.0/query/01g-1",
        "\\\\evil.example/services/data/1",
        "/services/data/../../evil",
        "/services/oauth2/revoke?token=x",
    ],
)
def test_a_next_link_that_leads_elsewhere_is_refused_and_nothing_is_sent(org: SalesforceOrg, vendor: ScriptedSalesforce, link: object):
    """F-65, O5: simple-salesforce would paste it behind the host."""
    vendor.answers("queryAll", Reply(200, {"totalSize": 3, "done": False, "records": records(1), "nextRecordsUrl": link}))
    pages = org.query(CASES)
    next(pages)
    sent = len(vendor.requests)
    with pytest.raises(StrayHost):
        next(pages)
    assert len(vendor.requests) == sent


def test_the_session_reaches_no_other_host_whoever_uses_it(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    """O5."""
    session = requests.Session()
    client(time, vendor, tmp_path, session=session)
    for url in ("https://evil.example/x", "http://127.0.0.1:1/x"):
        with pytest.raises(StrayHost):
            session.get(url)


@pytest.mark.shows("S0-73")
def test_our_share_of_the_allocation_is_not_overspent(org: SalesforceOrg, vendor: ScriptedSalesforce, time: Time):
    vendor.limit_info = "api-usage=501/1000; api-bursts=1/750"
    pages = org.query(CASES)
    next(pages)
    with pytest.raises(QuotaExhausted, match="501 of the org's 1000"):
        next(pages)
    assert len(vendor.asked("/services/data")) == 1
    time.passed += 901
    vendor.limit_info = "api-usage=499/1000"
    assert ids(org.query(CASES)) == ALL


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("api-usage=18/5000", (18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)", (25, 5000)),
        ("api-usage=10018/100000; api-bursts=1/750", (10018, 100000)),
        ("api-bursts=1/750; api-usage=110018/100000", (110018, 100000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("", None),
    ],
)
def test_the_usage_is_read_whatever_stands_beside_it(header: str, told: object):
    assert usage(header) == told


@pytest.mark.shows("S2-44", "S0-42")
@pytest.mark.parametrize("total", [2, 4])
def test_a_walk_that_misses_its_total_is_no_success(org: SalesforceOrg, vendor: ScriptedSalesforce, total: int):
    """O2."""
    vendor.total = total
    pages = org.query(CASES)
    assert not next(pages).is_last
    with pytest.raises(TotalNotReached, match=f"3 records came, {total} were promised"):
        next(pages)


def test_short_and_empty_pages_are_not_the_end(org: SalesforceOrg, vendor: ScriptedSalesforce):
    """F-25: page sizes are the server's will."""
    vendor.pages = [records(1), [], records(2, 3), []]
    assert ids(org.query(CASES)) == ALL


def test_a_link_that_comes_again_ends_the_walk(org: SalesforceOrg, vendor: ScriptedSalesforce):
    """F-20."""
    link = f"{API}/query/01g-1"
    vendor.answers("query", *[Reply(200, {"totalSize": 9, "done": False, "records": records(n), "nextRecordsUrl": link}) for n in range(9)])
    with pytest.raises(CursorRepeated):
        list(org.query(CASES))
    assert len(vendor.asked("query")) == 2


@pytest.mark.shows("S2-45")
def test_another_process_goes_on_where_this_one_stopped(time: Time, vendor: ScriptedSalesforce, tmp_path: Path):
    first = list(islice(client(time, vendor, tmp_path).query(CASES), 1))
    org = client(time, vendor, tmp_path)
    rest = list(org.query(CASES, resume=first[0].checkpoint))
    assert ids([*first, *rest]) == ALL
    assert [page.number for page in rest] == [2]
    for resume in ("{}", first[0].checkpoint):
        with pytest.raises(CursorRejected):
            org.query(soql.select("Case", ["Id"]), resume=resume)


def test_a_query_too_long_for_an_address_is_refused_before_it_is_sent(org: SalesforceOrg, vendor: ScriptedSalesforce):
    query = soql.select("Case", ["Id"], where=soql.one_of("Id", [f"500{n:015d}" for n in range(700)]))
    with pytest.raises(RequestRejected, match="Split its IN list"):
        org.query(query)
    assert vendor.requests == []


@pytest.mark.parametrize("version", ["v68.0", "68", "68.0/../x"])
def test_a_version_that_is_none_is_refused(time: Time, vendor: ScriptedSalesforce, tmp_path: Path, version: str):
    with pytest.raises(ValueError, match="SALESFORCE_API_VERSION"):
        client(time, vendor, tmp_path, version=version)


def test_an_org_on_https_is_asked_on_https(time: Time, tmp_path: Path):
    """Only loopback is ever asked without encryption."""
    asked = []

    class Nowhere(requests.adapters.BaseAdapter):
        def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
            asked.append(request.url)
            raise requests.ConnectionError("no network in tests")

        def close(self) -> None:
            """Nothing is open."""

    session = requests.Session()
    session.mount("https://", Nowhere())
    org = SalesforceOrg(
        url="https://acme.my.salesforce.com",
        client_id="client-1",
        client_secret=SECRET,
        version="68.0",
        limiter=limiter(time, tmp_path),
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=lambda: 0.5,
        daily_share=0.5,
        session=session,
        policy=RetryPolicy(attempts=1),
    )
    with pytest.raises(Unreachable):
        org.limits()
    assert asked == ["https://acme.my.salesforce.com/services/oauth2/token"]
