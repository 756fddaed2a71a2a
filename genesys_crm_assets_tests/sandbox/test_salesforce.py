"""Salesforce's doors, to our own client's library and to anybody else."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, SalesforceMalformedRequest

from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets_tests.sandbox.doors import Ticker, Vendors, connected

BASE = "/services/data/v68.0"


class ToLoopback(HTTPAdapter):
    """https to the mounted host is http to the sandbox: simple-salesforce always builds https."""

    def __init__(self, base: str) -> None:
        self.base = base
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any):
        request.headers.setdefault("Host", requests.utils.urlparse(request.url).netloc)
        request.url = re.sub(r"^https://[^/]+", self.base, request.url)
        return super().send(request, **options)


@pytest.fixture(scope="module")
def library(vendors: Vendors):
    """simple-salesforce on a session of its own, as the product builds it."""
    told = vendors.sandbox.environment
    session = requests.Session()
    session.mount("https://acme.my.salesforce.com/", ToLoopback(told["SALESFORCE_URL"]))
    return Salesforce(
        consumer_key=told["SALESFORCE_CLIENT_ID"],
        consumer_secret=told["SALESFORCE_CLIENT_SECRET"],
        domain="acme.my",
        version="68.0",
        session=session,
    )


def test_simple_salesforce_logs_in_and_reads_everything(library: Salesforce):
    rows = list(library.query_all_iter("SELECT Id, CaseId, Field, OldValue, NewValue, CreatedDate FROM CaseHistory", include_deleted=True))
    counted = library.query("SELECT COUNT() FROM CaseHistory")["totalSize"]
    assert len(rows) == len({row["Id"] for row in rows}) == counted > 4_000
    assert library.sf_instance == "acme.my.salesforce.com"
    assert library.api_usage["api-usage"].total == 100_000


def test_simple_salesforce_gets_errors_it_understands(library: Salesforce):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        library.query("SELECT Id, BadField FROM Account")
    [error] = refused.value.content
    assert error["errorCode"] == "INVALID_FIELD"
    assert "ERROR at Row:1:Column:12\nNo such column 'BadField' on entity 'Account'." in error["message"]


def test_simple_salesforce_describes_and_reads_limits(library: Salesforce):
    fields = {field["name"]: field for field in library.Case.describe()["fields"]}
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert fields["ContactId"]["relationshipName"] == "Contact"
    daily = library.limits()["DailyApiRequests"]
    assert daily["Remaining"] < daily["Max"]


def test_a_token_answer_names_the_host_it_was_asked_under(vendors: Vendors):
    told = vendors.sandbox.environment
    form = {
        "grant_type": "client_credentials",
        "client_id": told["SALESFORCE_CLIENT_ID"],
        "client_secret": told["SALESFORCE_CLIENT_SECRET"],
    }
    answer = httpx.post(f"{told['SALESFORCE_URL']}/services/oauth2/token", data=form, headers={"Host": "acme.my.salesforce.com"}).json()
    assert answer["instance_url"] == "https://acme.my.salesforce.com"
    assert "expires_in" not in answer
    assert answer["issued_at"].isdecimal()
    denied = httpx.post(f"{told['SALESFORCE_URL']}/services/oauth2/token", data={**form, "client_secret": "wrong"})
    assert (denied.status_code, denied.json()["error"]) == (400, "invalid_client")
    refreshed = httpx.post(
        f"{told['SALESFORCE_URL']}/services/oauth2/token", data={**form, "grant_type": "refresh_token", "refresh_token": "sandbox-refresh"}
    )
    assert refreshed.status_code == 200


def test_pages_shrink_at_will_and_only_done_counts(vendors: Vendors):
    body = vendors.salesforce.get(
        f"{BASE}/queryAll/", params={"q": "SELECT Id FROM CaseHistory"}, headers={"Sforce-Query-Options": "batchSize=200"}
    ).json()
    sizes, total = [len(body["records"])], body["totalSize"]
    while not body["done"]:
        assert body["nextRecordsUrl"].startswith(f"{BASE}/query/01g")
        body = vendors.salesforce.get(body["nextRecordsUrl"]).json()
        sizes.append(len(body["records"]))
    assert sum(sizes) == total
    assert max(sizes) == 200
    assert any(size < 200 for size in sizes[:-1])


def test_only_a_result_that_goes_on_is_kept(vendors: Vendors):
    """A year of windows is a thousand queries, each of them holding rows."""
    kept = len(vendors.sandbox.salesforce._cursors)
    vendors.soql("SELECT Id FROM User")
    assert len(vendors.sandbox.salesforce._cursors) == kept
    vendors.soql("SELECT Id FROM CaseHistory")
    assert len(vendors.sandbox.salesforce._cursors) == kept + 1


def test_a_lost_cursor_is_an_error_and_not_an_end(vendors: Vendors):
    answer = vendors.salesforce.get(f"{BASE}/query/01gnonsense-2000")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_only_query_all_tells_what_was_deleted(vendors: Vendors):
    living = {row["Id"] for row in vendors.soql("SELECT Id FROM Contact")}
    every = vendors.soql("SELECT Id, IsDeleted, MasterRecordId FROM Contact", "queryAll")
    assert {row["Id"] for row in every if not row["IsDeleted"]} == living
    assert any(row["MasterRecordId"] for row in every)


def test_windows_over_the_stamp_cut_the_records_without_loss(vendors: Vendors):
    whole = {
        row["Id"]
        for row in vendors.soql(
            "SELECT Id FROM Case WHERE SystemModstamp >= 2026-01-05T00:00:00Z AND SystemModstamp < 2026-01-07T00:00:00Z"
        )
    }
    parts = [
        {
            row["Id"]
            for row in vendors.soql(
                f"SELECT Id FROM Case WHERE SystemModstamp >= 2026-01-0{day}T00:00:00Z AND SystemModstamp < 2026-01-0{day + 1}T00:00:00Z"
            )
        }
        for day in (5, 6)
    ]
    assert whole == parts[0] | parts[1]
    assert not parts[0] & parts[1]


def test_updated_vouches_for_nothing_that_may_still_be_under_way(vendors: Vendors):
    answer = vendors.salesforce.get(
        f"{BASE}/sobjects/Case/updated/", params={"start": "2026-01-08T00:00:00+00:00", "end": "2026-01-08T13:00:00Z"}
    ).json()
    rows = {row["Id"] for row in vendors.soql("SELECT Id FROM Case WHERE SystemModstamp >= 2026-01-08T00:00:00Z")}
    assert set(answer["ids"]) == rows
    assert answer["latestDateCovered"] == "2026-01-08T11:58:00.000+0000"
    past = vendors.salesforce.get(
        f"{BASE}/sobjects/Case/updated", params={"start": "2026-01-06T00:00:00Z", "end": "2026-01-07T00:00:30Z"}
    ).json()
    assert past["latestDateCovered"] == "2026-01-07T00:00:00.000+0000"
    too_old = vendors.salesforce.get(
        f"{BASE}/sobjects/Case/updated", params={"start": "2025-01-06T00:00:00Z", "end": "2026-01-07T00:00:00Z"}
    )
    assert (too_old.status_code, too_old.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_a_long_address_is_refused_in_html_before_anybody_reads_it(vendors: Vendors):
    long = vendors.salesforce.get(f"{BASE}/query", params={"q": "x" * 17_000})
    headers = vendors.salesforce.get(f"{BASE}/query", params={"q": "x" * 15_000}, headers={"X-Filler": "x" * 2_000})
    assert [(answer.status_code, answer.headers["content-type"][:9]) for answer in (long, headers)] == [
        (414, "text/html"),
        (431, "text/html"),
    ]


@pytest.mark.parametrize(("version", "status"), [("v68.0", 200), ("v59.0", 200), ("v30.0", 410), ("v99.0", 404)])
def test_versions_come_and_go(vendors: Vendors, version: str, status: int):
    assert vendors.salesforce.get(f"/services/data/{version}/limits").status_code == status


def test_a_session_dies_of_idleness_and_of_revocation():
    ticker = Ticker()
    plan = Plan(start=datetime(2026, 1, 5, tzinfo=UTC).date(), days=1, per_day=20, session_idle_seconds=900, daily_requests=3)
    with running(plan, monotonic=ticker) as sandbox:
        client = connected(sandbox, ticker).salesforce
        for _ in range(2):
            assert client.get(f"{BASE}/limits/").status_code == 200
            ticker.seconds += 800
        ticker.seconds += 200
        assert client.get(f"{BASE}/limits/").json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
        client = connected(sandbox, ticker).salesforce
        assert client.get(f"{BASE}/limits/").headers["Sforce-Limit-Info"] == "api-usage=3/3"
        assert client.get(f"{BASE}/limits/").json()[0] == {
            "message": "TotalRequests Limit exceeded.",
            "errorCode": "REQUEST_LIMIT_EXCEEDED",
        }
        sandbox.revoke()
        assert client.get(f"{BASE}/limits/").status_code == 401
