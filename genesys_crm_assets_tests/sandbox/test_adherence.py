"""Schedule adherence comes by a job and signed links that lead elsewhere and want no token."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from genesys_crm_assets.sandbox.adherence import BULK
from genesys_crm_assets.sandbox.listings import UNITS
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets_tests.sandbox.doors import PLAN, START, Ticker, Vendors, connected

WEEK = ("2026-01-05T00:00:00.000Z", "2026-01-08T00:00:00.000Z")


def units(vendors: Vendors) -> list[str]:
    """The management units' ids."""
    return [unit["id"] for unit in vendors.genesys.get(UNITS).json()["entities"]]


def asked(vendors: Vendors, start: str, end: str, **more: Any) -> list[str]:
    """The links of a new job over all units, once it is complete."""
    items = [{"managementUnitId": unit, "startDate": start, "endDate": end, **more} for unit in units(vendors)]
    job = vendors.genesys.post(BULK, json={"items": items, "timeZone": "UTC"}).json()["job"]
    vendors.ticker.seconds += 1
    links: list[str] = vendors.genesys.get(job["selfUri"]).json()["downloadUrls"]
    return links


def results(vendors: Vendors, start: str, end: str, **more: Any) -> list[dict[str, Any]]:
    """What those links lead to."""
    return [httpx.get(link).json() for link in asked(vendors, start, end, **more)]


def test_a_job_is_processing_until_it_is_complete(vendors: Vendors):
    items = [{"managementUnitId": unit, "startDate": WEEK[0], "endDate": WEEK[1]} for unit in units(vendors)]
    submitted = vendors.genesys.post(BULK, json={"items": items, "timeZone": "UTC"})
    assert submitted.status_code == 202
    job = submitted.json()["job"]
    assert job["status"] == "Processing"
    assert job["selfUri"] == f"{BULK}/jobs/{job['id']}"
    assert "downloadUrls" not in vendors.genesys.get(job["selfUri"]).json()
    vendors.ticker.seconds += 1
    complete = vendors.genesys.get(job["selfUri"]).json()
    assert complete["job"]["status"] == "Complete"
    assert len(complete["downloadUrls"]) == len(items)
    assert vendors.genesys.get(f"{BULK}/jobs/unknown").status_code == 404


def test_links_lead_to_another_host_and_are_signed_anew_each_time(vendors: Vendors):
    own = urlsplit(vendors.sandbox.environment["GENESYS_API_URL"])
    links = asked(vendors, *WEEK)
    assert all(urlsplit(link).hostname != own.hostname for link in links)
    assert len(set(links) | set(asked(vendors, *WEEK))) == 2 * len(links)
    # The host the job was asked at has no such page.
    assert httpx.get(links[0].replace("localhost", str(own.hostname))).status_code == 404


def test_a_link_refuses_a_token_a_wrong_signature_and_any_request_once_it_has_expired():
    ticker = Ticker()
    with running(replace(PLAN, per_day=40, days=1, now=None, signed_url_seconds=60), monotonic=ticker) as sandbox:
        vendors = connected(sandbox, ticker)
        link = asked(vendors, "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")[0]
        assert httpx.get(link).status_code == 200
        tokened = httpx.get(link, headers={"Authorization": vendors.genesys.headers["Authorization"]})
        assert (tokened.status_code, "Only one auth mechanism allowed" in tokened.text) == (400, True)
        forged = httpx.get(link[:-1] + ("0" if link[-1] != "0" else "1"))
        assert (forged.status_code, "SignatureDoesNotMatch" in forged.text) == (403, True)
        ticker.seconds += 60
        expired = httpx.get(link)
        assert (expired.status_code, "Request has expired" in expired.text) == (403, True)


def test_each_unit_has_a_result_and_days_add_up_to_their_agent(vendors: Vendors):
    told = results(vendors, *WEEK)
    assert [result["managementUnitId"] for result in told] == units(vendors)
    assert {(result["startDate"], result["endDate"]) for result in told} == {WEEK}
    for user in (user for result in told for user in result["userResults"]):
        days = user["dayMetrics"]
        assert {day["dayStartOffsetSeconds"] for day in days} <= {0, 86_400, 172_800}
        total = {name: sum(day[name] for day in days) for name in days[0]}
        scheduled = total["adherenceScheduleSeconds"]
        assert user["adherencePercentage"] == pytest.approx(100 * (scheduled - total["exceptionDurationSeconds"]) / scheduled, abs=1e-3)
        conformance = 100 * total["conformanceActualSeconds"] / total["conformanceScheduleSeconds"]
        assert user["conformancePercentage"] == pytest.approx(conformance, abs=1e-3)
        assert 0 <= user["adherencePercentage"] <= 100
        assert user["impact"] in {"Positive", "Negative", "Neutral"}
        assert all(bool(day["exceptionCount"]) == bool(day["exceptionDurationSeconds"]) for day in days)


def test_an_agent_without_a_schedule_is_absent(vendors: Vendors):
    told = {user["userId"] for result in results(vendors, *WEEK) for user in result["userResults"]}
    members = {user["id"] for unit in units(vendors) for user in vendors.genesys.get(f"{UNITS}/{unit}/users").json()["entities"]}
    assert members - told
    assert not told & vendors.sandbox.world.directory.unplanned
    one = min(told)
    assert [user["userId"] for result in results(vendors, *WEEK, userIds=[one]) for user in result["userResults"]] == [one]


def test_a_day_asked_for_alone_is_that_day_of_the_week(vendors: Vendors):
    alone = results(vendors, "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z")
    within = {
        user["userId"]: [{**day, "dayStartOffsetSeconds": 0} for day in user["dayMetrics"] if day["dayStartOffsetSeconds"] == 86_400]
        for result in results(vendors, *WEEK)
        for user in result["userResults"]
    }
    found = {user["userId"]: user["dayMetrics"] for result in alone for user in result["userResults"]}
    assert found == {user: days for user, days in within.items() if days}


def test_of_the_day_under_way_only_what_is_over_is_told_and_a_job_keeps_what_it_found():
    ticker = Ticker()
    with running(Plan(start=START, days=1, per_day=600), monotonic=ticker) as sandbox:
        vendors = connected(sandbox, ticker)
        today = ("2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z")
        items = [{"managementUnitId": unit, "startDate": today[0], "endDate": today[1]} for unit in units(vendors)]
        job = vendors.genesys.post(BULK, json={"items": items}).json()["job"]
        sandbox.advance(datetime(2026, 1, 7, 12, tzinfo=UTC))
        ticker.seconds += 1
        partly = [httpx.get(link).json() for link in vendors.genesys.get(job["selfUri"]).json()["downloadUrls"]]
        wholly = results(vendors, *today)
    early, late = ({user["userId"]: user for result in told for user in result["userResults"]} for told in (partly, wholly))
    assert {user["impact"] for user in early.values()} == {"Unknown"}
    assert early.keys() <= late.keys()
    name = "conformanceActualSeconds"
    assert sum(user["dayMetrics"][0][name] for user in early.values()) < sum(user["dayMetrics"][0][name] for user in late.values())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"items": []}, 400),
        ({"items": ["all"]}, 400),
        ({"items": [{"managementUnitId": "x", "startDate": WEEK[1], "endDate": WEEK[0]}]}, 400),
        ({"items": [{"managementUnitId": "x", "startDate": WEEK[0], "endDate": "2026-03-01T00:00:00Z"}]}, 400),
        ({"items": [{"managementUnitId": "x", "startDate": WEEK[0], "endDate": WEEK[1]}]}, 404),
    ],
)
def test_what_cannot_be_asked_is_refused(vendors: Vendors, body: dict[str, Any], status: int):
    assert vendors.genesys.post(BULK, json=body).status_code == status


def test_a_fault_can_make_a_job_end_in_error(tmp_path: Path):
    failed = {"job": {"id": "b", "status": "Error", "selfUri": f"{BULK}/jobs/b"}}
    rule = {"match": {"path": f"{BULK}/jobs/", "times": 1}, "do": {"status": 200, "body": failed}}
    (tmp_path / "faults.json").write_text(json.dumps([rule]))
    ticker = Ticker()
    with running(Plan(start=START, days=1, per_day=20, faults=tmp_path / "faults.json"), monotonic=ticker) as sandbox:
        vendors = connected(sandbox, ticker)
        items = [{"managementUnitId": unit, "startDate": WEEK[0], "endDate": "2026-01-06T00:00:00Z"} for unit in units(vendors)]
        job = vendors.genesys.post(BULK, json={"items": items}).json()["job"]
        ticker.seconds += 1
        assert vendors.genesys.get(job["selfUri"]).json()["job"]["status"] == "Error"
        assert vendors.genesys.get(job["selfUri"]).json()["job"]["status"] == "Complete"


def test_without_the_licence_the_doors_are_refused():
    with running(Plan(start=START, days=1, per_day=20, absent=("adherence",))) as sandbox:
        client = connected(sandbox, Ticker()).genesys
        for refused in client.post(BULK, json={"items": []}), client.get(f"{BULK}/jobs/x"):
            assert (refused.status_code, refused.json()["code"]) == (403, "missing.permissions")
            assert "wfm:historicalAdherence:view" in refused.json()["message"]
