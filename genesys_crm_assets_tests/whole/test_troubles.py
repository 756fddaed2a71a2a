"""Green means complete (P2), and nothing leaks (P8): vendors that limit, refuse, break off and quote what they should not.

Secrets here are canaries; personal data are those of the sandbox's world. Neither may stand in anything Dagster keeps or a terminal shows.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from genesys_crm_assets.sandbox.faults import Rule
from genesys_crm_assets.sandbox.server import Sandbox, running
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import THREAD, House

DAYS = [house.FIRST, house.SECOND]
RAW = THREAD[:1]
CANARIES = ("SECRET-CANARY-genesys-4711", "SECRET-CANARY-salesforce-4712")


@pytest.fixture(scope="module")
def guarded() -> Iterator[Sandbox]:
    """The same world with canaries for secrets."""
    plan = {**vars(house.PLAN), "genesys_client_secret": CANARIES[0], "salesforce_client_secret": CANARIES[1]}
    with running(type(house.PLAN)(**plan)) as sandbox:
        yield sandbox


@dataclass(frozen=True)
class Kept:
    """An instance that writes what it knows to disk, as a deployment's does, and everything that was logged meanwhile."""

    instance: dg.DagsterInstance
    state: Path
    log: pytest.LogCaptureFixture

    def tells(self, needles: set[str], said: str = "") -> list[str]:
        """Where one of the needles stands, in the instance, in the log or in what was said besides."""
        return house.found(self.state, self.log.text + said, needles)


@pytest.fixture
def kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Kept]:
    """Everything that is kept of a run, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    state = tmp_path / "state"
    state.mkdir()
    with dg.DagsterInstance.local_temp(str(state), {"telemetry": {"enabled": False}}) as instance:
        yield Kept(instance, state, caplog)


def script(vendor: str, path: str, nth: int, **do: Any) -> Rule:
    return Rule({"vendor": vendor, "path": path, "nth": nth}, do)


@pytest.mark.shows("S0-15", "S0-28", "S0-44", "S2-22", "S2-45")
def test_passing_troubles_change_no_table_and_leak_nothing(empty: House, guarded: Sandbox, undisturbed: House, kept: Kept):
    """429, 401, 500, a reset and a cut body on either side, in the middle of the range: every page is asked for again, none is lost."""
    lake = house.of(empty.folder, guarded)
    rules = (
        script("genesys", "/results", 1, status=429, retry_after=0),
        script("genesys", "/results", 3, status=401),
        script("genesys", "aggregates", 1, status=500),
        script("genesys", "details/jobs", 2, reset=True),
        script("genesys", "/results", 2, cut=0.5),
        script("salesforce", "queryAll", 2, status=500),
        script("salesforce", "queryAll", 5, status=401),
        script("salesforce", "queryAll", 7, reset=True),
        script("salesforce", "queryAll", 9, cut=0.5),
    )
    tables = house.until_staged()
    with house.troubled(guarded, *rules):
        ran = lake.run(DAYS, tables, instance=kept.instance)
    assert ran.success, ran.reasons
    assert [rule.match["path"] for rule in rules if not rule.fired] == []
    assert lake.dumps(tables) == undisturbed.dumps(tables)
    assert not kept.tells({*CANARIES, *house.tokens(guarded), *house.personal(lake)})


ADDRESS, NUMBER = "ada.abbott@example.com", "+1 415 555 0100"
CARELESS = f"no such user {ADDRESS}, {NUMBER}; client_secret={CANARIES[0]}"
LASTING: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "Genesys misses a permission": ("genesys", "details/jobs", {"status": 403}, "analytics:conversationDetail:view"),
    "Genesys refuses the credentials": ("genesys", "api/v2", {"status": 401}, "Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET"),
    "Genesys quotes what it should not": ("genesys", "details/jobs", {"status": 400, "body": {"message": CARELESS, "code": "bad"}}, "bad"),
    "Salesforce is spent for today": (
        "salesforce",
        "queryAll",
        {"status": 403, "body": [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]},
        "REQUEST_LIMIT_EXCEEDED",
    ),
    "Salesforce refuses the credentials": ("salesforce", "services/data", {"status": 401}, "SALESFORCE_CLIENT_SECRET"),
    "Salesforce quotes what it should not": (
        "salesforce",
        "queryAll",
        {"status": 400, "body": [{"message": CARELESS, "errorCode": "INVALID_FIELD"}]},
        "INVALID_FIELD",
    ),
}
LANDED = {"genesys": RAW, "salesforce": ("raw_salesforce_cases",)}


@pytest.mark.shows("S0-44", "S2-18")
@pytest.mark.parametrize("trouble", LASTING)
def test_a_lasting_trouble_leaves_no_object_and_says_nothing_it_should_not(trouble: str, empty: House, guarded: Sandbox, kept: Kept):
    """The reason and the remedy are told; secrets, tokens and what belongs to a person are not."""
    vendor, path, done, told = LASTING[trouble]
    asked = len(guarded.requests)
    with house.troubled(guarded, Rule({"vendor": vendor, "path": path}, done)):
        ran = house.of(empty.folder, guarded).run(DAYS, LANDED[vendor], instance=kept.instance)
    assert ran.failed == LANDED[vendor]
    assert told in ran.reasons
    assert not empty.objects()
    # Three failed logins lock an account.
    assert sum("/token" in seen.path for seen in guarded.requests[asked:]) <= 3
    assert kept.tells({told}), "the search finds what is there"
    assert not kept.tells({*CANARIES, *house.tokens(guarded), ADDRESS, NUMBER}, ran.reasons)


@pytest.mark.shows("S2-18")
def test_what_the_engine_refuses_is_told_without_the_value(undisturbed: House, kept: Kept, tmp_path: Path):
    """Somebody wrote a person's address where a number belongs: DuckDB's own words would quote it."""
    lake = undisturbed.copied(tmp_path, "staging", "dimensions", "facts")
    house.tampered(lake, house.key("staging_genesys_metrics", DAYS[0], "staging"), "handle_time_ms", ADDRESS, pa.string())
    ran = lake.run(DAYS[:1], ("fact_anonymous_interactions",), instance=kept.instance)
    assert not ran.success
    assert "ConversionException" in ran.reasons
    assert not kept.tells({ADDRESS}, ran.reasons)


@pytest.mark.shows("S0-44", "S2-22")
def test_a_token_refused_in_the_middle_of_a_range_is_renewed_and_the_same_request_sent_again(empty: House, vendors: Sandbox):
    asked = len(vendors.requests)
    with house.troubled(vendors, script("genesys", "/results", 2, status=401)):
        assert empty.run(DAYS, RAW).success
    seen = [(one.path.rpartition("/")[2], one.status) for one in vendors.requests[asked:] if one.path.endswith(("/results", "/token"))]
    assert seen == [("token", 200), ("results", 200), ("results", 401), ("token", 200), ("results", 200)]
    assert len(empty.objects()) == len(DAYS)
