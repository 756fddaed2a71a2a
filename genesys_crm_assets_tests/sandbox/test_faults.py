"""Faults happen to the requests they are scripted for, and to no other."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from genesys_crm_assets.sandbox import faults
from genesys_crm_assets.sandbox.faults import Rule
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets_tests.sandbox.doors import JOBS, Ticker, Vendors, connected


@pytest.fixture
def scripted(tmp_path: Path):
    """Starts a sandbox with these rules, logged in."""
    opened = []

    def start(*rules: Any) -> Vendors:
        path = tmp_path / "faults.json"
        path.write_text(json.dumps(rules))
        context = running(Plan(start=date(2026, 1, 5), days=1, per_day=20, faults=path))
        opened.append(context)
        return connected(context.__enter__(), Ticker())

    yield start
    for context in opened:
        context.__exit__(None, None, None)


def test_nth_every_and_times_choose_among_the_matching():
    def fired(**match: Any) -> list[int]:
        rule = Rule({"path": "/jobs", **match}, {"status": 500})
        return [number for number in range(1, 10) if rule.applies("genesys", "GET", f"/jobs/{number}")]

    assert fired() == list(range(1, 10))
    assert fired(nth=3) == [3]
    assert fired(every=3) == [3, 6, 9]
    assert fired(every=3, times=2) == [3, 6]
    assert fired(times=2) == [1, 2]
    assert fired(vendor="salesforce") == fired(method="POST") == fired(path="/other") == []


def test_statuses_come_with_the_vendors_words(scripted: Callable[..., Vendors]):
    vendors = scripted(
        {"match": {"vendor": "genesys", "path": "availability", "nth": 1}, "do": {"status": 429, "retry_after": 7}},
        {"match": {"vendor": "genesys", "path": "availability", "nth": 1}, "do": {"status": 502}},
        {
            "match": {"vendor": "genesys", "path": "availability", "nth": 1},
            "do": {"status": 429, "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT", "headers": {"X-More": "1"}},
        },
        {"match": {"vendor": "salesforce", "path": r"/limits"}, "do": {"status": 503}},
    )
    first, second, third, fourth = (vendors.genesys.get(f"{JOBS}/availability") for _ in range(4))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert "in [7] seconds" in first.json()["message"]
    assert (second.status_code, second.text[:6]) == (502, "<html>")
    assert (third.status_code, third.headers["Retry-After"], third.headers["X-More"]) == (429, "Wed, 21 Oct 2026 07:28:00 GMT", "1")
    assert fourth.status_code == 200
    assert vendors.salesforce.get("/services/data/v68.0/limits/").status_code == 503


def test_connections_break_and_bodies_are_cut(scripted: Callable[..., Vendors]):
    vendors = scripted(
        {"match": {"path": "availability", "nth": 1}, "do": {"reset": True}},
        {"match": {"path": "availability", "nth": 1}, "do": {"cut": 0.5}},
        {"match": {"path": "availability", "nth": 1}, "do": {"delay": 0.2}},
    )
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        vendors.genesys.get(f"{JOBS}/availability")
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        vendors.genesys.get(f"{JOBS}/availability")
    with pytest.raises(httpx.ReadTimeout):
        vendors.genesys.get(f"{JOBS}/availability", timeout=0.05)
    assert vendors.genesys.get(f"{JOBS}/availability").status_code == 200


def test_every_request_is_on_record_and_no_secret_is(scripted: Callable[..., Vendors]):
    vendors = scripted({"match": {"path": "nowhere"}, "do": {"status": 418, "body": [1]}})
    assert vendors.genesys.get("/nowhere").json() == [1]
    seen = vendors.sandbox.requests
    assert [(entry.vendor, entry.method, entry.path, entry.status) for entry in seen] == [
        ("genesys", "POST", "/oauth/token", 200),
        ("salesforce", "POST", "/services/oauth2/token", 200),
        ("genesys", "GET", "/nowhere", 418),
    ]
    assert [entry.authorization.split()[0] for entry in seen] == ["Basic", "Basic", "Bearer"]
    assert vendors.genesys.headers["Authorization"].split()[1] not in repr(seen)


@pytest.mark.parametrize(
    "script", ['[{"match": {"url": "/x"}, "do": {"status": 500}}]', '[{"match": {}}]', '["x"]', '[{"do": {"explode": true}}]']
)
def test_a_rule_that_is_not_understood_is_refused(tmp_path: Path, script: str):
    path = tmp_path / "faults.json"
    path.write_text(script)
    with pytest.raises(ValueError, match="fault rule not understood"):
        faults.load(path)
