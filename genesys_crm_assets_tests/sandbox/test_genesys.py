"""Genesys' doors open, close and page as the reference says."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets_tests.sandbox.doors import JOBS, QUERY, Ticker, Vendors, connected

DAY = "2026-01-06T00:00:00.000Z/2026-01-07T00:00:00.000Z"
TODAY = "2026-01-08T00:00:00.000Z/2026-01-09T00:00:00.000Z"


def test_a_wrong_pair_is_told_which_half_is_wrong(vendors: Vendors):
    told = vendors.sandbox.environment
    for auth, description in (("nobody", "x"), "client not found"), ((told["GENESYS_CLIENT_ID"], "x"), "authentication failed"):
        answer = httpx.post(f"{told['GENESYS_LOGIN_URL']}/oauth/token", auth=auth, data={"grant_type": "client_credentials"})
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client", "description": description})


def test_no_token_and_a_bad_one_are_two_things(vendors: Vendors):
    base = vendors.sandbox.environment["GENESYS_API_URL"]
    none = httpx.get(f"{base}{JOBS}/availability")
    bad = httpx.get(f"{base}{JOBS}/availability", headers={"Authorization": "Bearer nonsense"})
    assert [(answer.status_code, answer.json()["code"]) for answer in (none, bad)] == [
        (401, "authentication.required"),
        (401, "bad.credentials"),
    ]
    assert bad.json()["contextId"] == bad.headers["ININ-Correlation-Id"]


def test_a_job_is_polled_until_it_is_fulfilled(vendors: Vendors):
    submitted = vendors.genesys.post(JOBS, json={"interval": DAY, "order": "asc", "orderBy": "conversationStart"})
    job = f"{JOBS}/{submitted.json()['jobId']}"
    assert submitted.status_code == 202
    assert (vendors.genesys.get(job).status_code, vendors.genesys.get(job).json()["state"]) == (202, "QUEUED")
    assert vendors.genesys.get(f"{job}/results").status_code == 400
    vendors.ticker.seconds += 1
    done = vendors.genesys.get(job)
    assert (done.status_code, done.json()["state"]) == (200, "FULFILLED")
    assert vendors.genesys.delete(job).status_code == 204
    assert vendors.genesys.get(job).json()["state"] == "CANCELLED"
    assert vendors.genesys.get(f"{JOBS}/unknown").status_code == 404


def test_every_page_but_the_last_has_a_cursor(vendors: Vendors):
    pages = vendors.pages(vendors.job(DAY), pageSize=100)
    assert len(pages) == 7
    assert {page["dataAvailabilityDate"] for page in pages} == {"2026-01-08T02:00:00Z"}
    assert [len(page["conversations"]) for page in pages[:-1]] == [100] * 6


def test_a_job_brings_whatever_was_going_on_whenever_it_began(vendors: Vendors):
    records = [record for record in vendors.records(DAY) if isinstance(record, dict) and "conversationStart" in record]
    before = [record for record in records if str(record["conversationStart"]) < "2026-01-06"]
    assert before
    same_day = vendors.records(DAY, startOfDayIntervalMatching=True)
    assert len(same_day) < len(vendors.records(DAY))
    assert any(participant.get("attributes") for record in records for participant in record.get("participants", ()))


def test_a_job_knows_nothing_beyond_the_horizon(vendors: Vendors):
    """Of the day under way it tells what was known at 02:00, while the query tells what is known now."""
    told = [
        record
        for record in vendors.records(TODAY)
        if isinstance(record, dict) and record.get("conversationId") in vendors.sandbox.world.by_id
    ]
    assert told
    assert all(record["conversationStart"] <= "2026-01-08T02:00:00.000Z" for record in told)
    assert all(record.get("conversationEnd", "") <= "2026-01-08T02:00:00.000Z" for record in told)
    now = vendors.genesys.post(QUERY, json={"interval": TODAY, "order": "desc", "paging": {"pageSize": 100, "pageNumber": 1}}).json()
    assert now["totalHits"] > len(told)
    assert "2026-01-08T11" < now["conversations"][0]["conversationStart"] < "2026-01-08T12:00:00.001Z"


def test_a_query_pages_by_number_and_has_no_attributes(vendors: Vendors):
    found, number = [], 1
    while True:
        page = vendors.genesys.post(QUERY, json={"interval": DAY, "paging": {"pageSize": 100, "pageNumber": number}}).json()
        found += page.get("conversations", [])
        if "conversations" not in page:
            break
        number += 1
    assert len({record["conversationId"] for record in found}) == page["totalHits"] == len(found)
    assert all("2026-01-06" <= record["conversationStart"] < "2026-01-07" for record in found)
    assert not any("attributes" in participant for record in found for participant in record["participants"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"paging": {"pageSize": 101, "pageNumber": 1}}, "between 1 and 100"),
        ({"paging": {"pageSize": 100, "pageNumber": 1_001}}, "Pagination may not exceed 100000 results."),
        ({"interval": "2026-01-01T00:00:00Z/2026-03-01T00:00:00Z"}, "does not exceed 31 days"),
        ({"order": "up"}, "Value [up] is not valid for field type [QueryOrder]. Allowable values are: asc, desc, unordered"),
        (
            {"segmentFilters": [{"type": "", "predicates": []}]},
            "Value [] is not valid for field type [QueryFilterType]. Allowable values are: and, or",
        ),
        ({"segmentFilters": [{"type": "and", "predicates": [{"dimension": "queue", "value": "x"}]}]}, "Value [queue]"),
        ({"interval": None}, "Invalid interval"),
    ],
)
def test_what_a_query_may_not_ask_is_a_400_with_the_vendors_words(vendors: Vendors, change: dict[str, Any], words: str):
    answer = vendors.genesys.post(QUERY, json={"interval": DAY, **change})
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_filters_reach_segments_scores_and_the_conversation(vendors: Vendors):
    def ids(**query: Any) -> list[str]:
        return [record["conversationId"] for record in vendors.records("2026-01-05T00:00:00Z/2026-01-08T00:00:00Z", **query)]

    email = ids(segmentFilters=[{"type": "or", "predicates": [{"dimension": "mediaType", "value": "email"}]}])
    assert email
    late = ids(surveyFilters=[{"type": "and", "predicates": [{"dimension": "eventTime", "value": DAY}]}])
    assert late
    abandoned = ids(conversationFilters=[{"type": "and", "predicates": [{"metric": "tAbandon", "range": {"gt": 0}}]}])
    assert abandoned
    still_open = ids(conversationFilters=[{"type": "and", "predicates": [{"dimension": "conversationEnd", "operator": "notExists"}]}])
    assert still_open
    assert ids(conversationFilters=[{"type": "and", "predicates": [{"dimension": "conversationId", "value": email[0]}]}]) == [email[0]]


def test_one_conversation_or_several_can_be_had_by_id(vendors: Vendors):
    base = "/api/v2/analytics/conversations"
    one, two = [record["conversationId"] for record in vendors.genesys.post(QUERY, json={"interval": DAY}).json()["conversations"]][:2]
    assert vendors.genesys.get(f"{base}/{one}/details").json()["conversationId"] == one
    assert len(vendors.genesys.get(f"{base}/details", params={"id": f"{one},{two}"}).json()["conversations"]) == 2
    assert vendors.genesys.get(f"{base}/nobody/details").status_code == 404


def test_paths_outside_the_reference_do_not_exist(vendors: Vendors):
    missing = vendors.genesys.post("/api/v2/analytics/reporting/interactions/summary/query", json={})
    assert (missing.status_code, missing.json()["message"]) == (404, "HTTP 404 Not Found")
    assert vendors.genesys.get(QUERY).status_code == 405
    assert vendors.genesys.post(QUERY, content="[").status_code == 415
    assert vendors.genesys.post(QUERY, content="[", headers={"Content-Type": "application/json"}).status_code == 400


def test_the_limit_is_counted_told_and_enforced():
    ticker = Ticker()
    with running(
        Plan(start=datetime(2026, 1, 5, tzinfo=UTC).date(), days=1, per_day=20, requests_per_minute=3, token_seconds=100), monotonic=ticker
    ) as sandbox:
        genesys = connected(sandbox, ticker).genesys
        good = [genesys.get(f"{JOBS}/availability") for _ in range(3)]
        assert [answer.headers["inin-ratelimit-count"] for answer in good] == ["1", "2", "3"]
        assert {answer.headers["inin-ratelimit-allowed"] for answer in good} == {"3"}
        ticker.seconds += 18
        refused = genesys.get(f"{JOBS}/availability")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "42")
        assert refused.json()["message"] == "Rate limit exceeded the maximum. Retry the request in [42] seconds"
        assert refused.json()["code"] == "too.many.requests.retry.after"
        ticker.seconds += 42
        assert genesys.get(f"{JOBS}/availability").status_code == 200
        ticker.seconds += 41
        assert genesys.get(f"{JOBS}/availability").json()["code"] == "bad.credentials"


def test_a_job_keeps_what_it_found_while_the_clock_moves_on():
    ticker = Ticker()
    with running(Plan(start=datetime(2026, 1, 5, tzinfo=UTC).date(), days=1, per_day=60), monotonic=ticker) as sandbox:
        vendors = connected(sandbox, ticker)
        interval = "2026-01-06T00:00:00Z/2026-01-07T00:00:00Z"
        job = vendors.job(interval)
        before = vendors.pages(job)
        sandbox.advance(datetime(2026, 1, 8, 12, tzinfo=UTC))
        assert vendors.pages(job) == before
        later = vendors.records(interval)
        assert len(later) > len(before[0].get("conversations", ()))
        assert vendors.genesys.get(f"{JOBS}/availability").json() == {"dataAvailabilityDate": "2026-01-08T02:00:00Z"}
