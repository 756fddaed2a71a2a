"""Landing a day's adherence: for every unit listed, closed, resumable, and without a signature anywhere."""

import json
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.errors import UpstreamMissing
from genesys_crm_assets.raw import genesys_adherence, genesys_reference
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import CursorRejected, PermissionMissing, UnexpectedShape
from genesys_crm_assets.sources.genesys import Genesys
from genesys_crm_assets.walk import Made
from genesys_crm_assets_tests.lakes import SmallLake
from genesys_crm_assets_tests.raw import vendors
from genesys_crm_assets_tests.sources.scripted_adherence import BULK, ScriptedAdherence
from genesys_crm_assets_tests.sources.scripted_genesys import SECRET, complaint
from genesys_crm_assets_tests.sources.scripted_time import Time, limiter

TABLE = genesys_adherence.TABLE
DAY = date(2026, 11, 3)


@pytest.fixture
def vendor():
    return ScriptedAdherence(Time())


def lake(root: Path, *units: Any, listing: str = "management_units", **told: Any) -> Lake:
    """A lake that has observed these management units, after others that are no longer listed."""
    observed = [["gone", "mu-1"], list(units)]
    rows = [
        {
            "observation": number,
            "listing": listing,
            "page": 1,
            "feed": "reference",
            "request": "{}",
            "record_count": len(listed),
            "is_last": True,
            "body": json.dumps({"entities": [{"id": unit, "name": "…"} for unit in listed]}).encode(),
            "body_sha256": "0" * 64,
            "received_at": datetime(2026, 11, number),  # noqa: DTZ001 - as DuckDB's timestamps are
            "attempts": 1,
            "waited_ms": 0,
            "run_id": "a run",
        }
        for number, listed in enumerate(observed, 1)
    ]
    small = SmallLake(root)
    small.land(genesys_reference.TABLE, None, rows)  # type: ignore[arg-type]  # a table without days
    return vendors.lake(root, **told)


def client(vendor: ScriptedAdherence, folder: Path) -> Genesys:
    time = vendor.time
    return Genesys(
        api_url="https://api.example.com",
        login_url="https://login.example.com",
        client_id="client-1",
        client_secret=SECRET,
        limiter=limiter(time, folder / "limits"),
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=lambda: 0.5,
        transport=httpx.MockTransport(vendor),
    )


def land(place: Lake, vendor: ScriptedAdherence, day: date = DAY) -> Made:
    with closing(client(vendor, place.journals.parent)) as genesys:
        return genesys_adherence.land(place, genesys, place.builder("a run"), day)


def landed(place: Lake, vendor: ScriptedAdherence, day: date = DAY) -> list[dict[str, Any]]:
    vendors.published(land(place, vendor, day), place.builder("a run"))
    return vendors.rows(place, TABLE, day)


def paper(place: Lake, name: str) -> str:
    return parquet.papers(place.storage.url(layout.object_key(TABLE, DAY))).get(name)


def test_every_unit_listed_now_is_one_page_of_the_utc_day(tmp_path: Path, vendor: ScriptedAdherence):
    place = lake(tmp_path, "mu-2", "mu-1")
    found = landed(place, vendor)
    assert [(row["page"], row["feed"], row["record_count"], row["is_last"]) for row in found] == [
        (1, "adherence", 2, False), (2, "adherence", 1, True),
    ]  # fmt: skip
    assert [json.loads(row["body"])["managementUnitId"] for row in found] == ["mu-1", "mu-2"]
    (asked,) = vendor.submitted
    assert {(item["startDate"], item["endDate"]) for item in asked["items"]} == {("2026-11-03T00:00:00.000Z", "2026-11-04T00:00:00.000Z")}
    made = land(place, vendor)
    assert {name: made.figures[name] for name in ("requests", "records_told", "management_units")} == {
        "requests": 5, "records_told": 3, "management_units": 2,
    }  # fmt: skip


def test_nothing_of_a_signature_or_a_token_is_kept_in_the_lake_or_the_journal(tmp_path: Path, vendor: ScriptedAdherence):
    """P8: what is kept is read by more people than may follow a link."""
    place = lake(tmp_path, "mu-1", "mu-2")
    vendor.answers("mu-2.json", OSError("killed"))
    with pytest.raises(OSError, match="killed"):
        land(place, vendor)
    (journal,) = [path.read_bytes() for path in place.journals.rglob("*.pages")]
    found = landed(place, vendor)
    files = [journal, *(path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())]
    assert not any(b"CANARY" in content or b"X-Sign" in content for content in files)
    assert "CANARY" not in str(found)


def test_a_killed_landing_fetches_only_what_it_has_not(tmp_path: Path, vendor: ScriptedAdherence):
    vendor.answers("mu-2.json", OSError("killed"))
    with pytest.raises(OSError, match="killed"):
        land(lake(tmp_path, "mu-1", "mu-2"), vendor)
    vendor.fetched.clear()
    assert [row["record_count"] for row in landed(vendors.lake(tmp_path), vendor)] == [2, 1]
    assert (len(vendor.submitted), len(vendor.fetched)) == (1, 1)


def test_a_job_that_is_gone_is_submitted_again_and_its_pages_dropped(tmp_path: Path, vendor: ScriptedAdherence):
    """F-14: pages of two jobs are never spliced."""
    vendor.answers("mu-2.json", OSError("killed"))
    with pytest.raises(OSError, match="killed"):
        land(lake(tmp_path, "mu-1", "mu-2"), vendor)
    vendor.jobs.clear()
    vendor.agents["mu-1"] = ["ann"]
    assert [row["record_count"] for row in landed(vendors.lake(tmp_path), vendor)] == [1, 1]
    assert len(vendor.submitted) == 2


def test_links_that_never_work_end_the_landing(tmp_path: Path, vendor: ScriptedAdherence):
    vendor.good_for = 0
    place = lake(tmp_path, "mu-1")
    with pytest.raises(CursorRejected):
        land(place, vendor)
    assert len(vendor.submitted) == 4
    assert not place.storage.exists(layout.object_key(TABLE, DAY))


def test_the_day_under_way_is_read_up_to_fifteen_minutes_ago_or_not_at_all(tmp_path: Path, vendor: ScriptedAdherence):
    noon = datetime(2026, 11, 3, 12, tzinfo=UTC)
    place = lake(tmp_path, "mu-1", now=noon)
    assert len(landed(place, vendor)) == 1
    assert vendor.submitted[0]["items"][0]["endDate"] == "2026-11-03T11:45:00.000Z"
    early = vendors.lake(tmp_path, now=datetime(2026, 11, 3, 0, 10, tzinfo=UTC))
    assert landed(early, vendor) == []
    assert len(vendor.submitted) == 1


def test_an_org_that_lists_no_management_units_has_empty_days_that_say_so(tmp_path: Path, vendor: ScriptedAdherence):
    place = lake(tmp_path)
    assert landed(place, vendor) == []
    assert vendor.requests == []
    assert land(place, vendor).figures["nothing_asked"] == "no management unit is listed"
    assert "nothing_asked" not in land(lake(tmp_path, "mu-1"), vendor).figures


def test_without_a_listing_nobody_knows_that_there_are_none(tmp_path: Path, vendor: ScriptedAdherence):
    with pytest.raises(UpstreamMissing, match="raw_genesys_reference is not there; materialise it first"):
        land(vendors.lake(tmp_path), vendor)
    with pytest.raises(UnexpectedShape, match="management unit"):
        land(lake(tmp_path, 7), vendor)


@pytest.mark.parametrize(
    ("absent", "remedy"),
    [
        ("reference", "SOURCES_ABSENT names reference, .*; name adherence there too, or take reference out of it"),
        ("", r"no listing of management units: .*404.*; materialise raw_genesys_reference again, or name adherence in SOURCES_ABSENT"),
    ],
)
def test_units_that_nobody_listed_are_not_taken_for_none(absent: str, remedy: str, tmp_path: Path, vendor: ScriptedAdherence):
    """P2: neither a listing that was not asked for nor one that was answered with 404 says that nothing is missing."""
    place = lake(tmp_path, "q1", listing="queues", SOURCES_ABSENT=absent)
    with pytest.raises(UpstreamMissing, match=remedy):
        land(place, vendor)
    assert not place.storage.exists(layout.object_key(TABLE, DAY))
    assert landed(lake(tmp_path, "q1", listing="queues", SOURCES_ABSENT=f"adherence,{absent}"), vendor) == []
    assert len(landed(lake(tmp_path, "mu-1", SOURCES_ABSENT=absent), vendor)) == 1, "those listed before are known still"


@pytest.mark.shows("S1-7")
def test_an_undeclared_refusal_names_the_permission_and_the_variable(tmp_path: Path, vendor: ScriptedAdherence):
    place = lake(tmp_path, "mu-1")
    vendor.answers(BULK, complaint(403, "not.authorized", "You may not."))
    with pytest.raises(PermissionMissing, match=r"wfm:historicalAdherence:view.*name adherence in SOURCES_ABSENT"):
        land(place, vendor)
    assert not place.storage.exists(layout.object_key(TABLE, DAY))


def test_declared_absent_nothing_is_asked_and_the_object_says_so(tmp_path: Path, vendor: ScriptedAdherence):
    """Not even the listing is needed."""
    place = vendors.lake(tmp_path, SOURCES_ABSENT="scores,adherence")
    assert landed(place, vendor) == []
    assert vendor.requests == []
    assert paper(place, "absent") == "adherence"
    there = lake(tmp_path, "mu-1")
    assert len(landed(there, vendor)) == 1
    assert paper(there, "absent") == ""


def test_another_list_of_units_is_another_question(tmp_path: Path, vendor: ScriptedAdherence):
    """S2-24: a journal about other units is not gone on with."""
    vendor.answers("mu-2.json", OSError("killed"))
    with pytest.raises(OSError, match="killed"):
        land(lake(tmp_path, "mu-1", "mu-2"), vendor)
    assert [row["record_count"] for row in landed(lake(tmp_path, "mu-1"), vendor)] == [2]
