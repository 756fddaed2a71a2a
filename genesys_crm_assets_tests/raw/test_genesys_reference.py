"""Landing listings: whole or not at all, kept when they differ, never lost; what an org lacks is said."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.errors import ShrinkRefused
from genesys_crm_assets.raw import genesys_reference
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import Exchange, PermissionMissing, RequestRejected, TotalNotReached
from genesys_crm_assets.sources.genesys.reference import LISTINGS
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.walk import Made
from genesys_crm_assets_tests.raw.vendors import NOON, lake, published

TABLE = genesys_reference.TABLE


@dataclass
class Centre:
    """Listings as a client hands them out, page by page of two.

    Attributes:
        listings: ids by listing; those not named are empty.
        refuses: what a listing is answered with instead.
        changes: how often a listing changes while it is read.
        now: when pages are received.
        asked: every walk.
    """

    listings: dict[str, list[str]] = field(default_factory=lambda: {"queues": ["q1", "q2", "q3"], "users": ["u1"]})
    refuses: dict[str, Exception] = field(default_factory=dict)
    changes: int = 0
    now: datetime = NOON
    asked: list[str] = field(default_factory=list)

    def reference(self, listing: str) -> Iterator[Page]:
        self.asked.append(listing)
        if listing in self.refuses:
            raise self.refuses[listing]
        ids = self.listings.get(listing, [])
        parts = [ids[place : place + 2] for place in range(0, len(ids), 2)] or [[]]
        for number, part in enumerate(parts, 1):
            if number == 2 and self.changes:
                self.changes -= 1
                raise TotalNotReached("The listing changed while it was read")
            yield Page(
                number=number,
                feed="reference",
                request=json.dumps({"method": "GET", "path": f"/{listing}", "query": {}, "body": None}),
                cursor=None if number == 1 else f"pageNumber={number}",
                body=json.dumps({"entities": [{"id": one} for one in part], "total": len(ids)}).encode(),
                record_count=len(part),
                received_at=self.now,
                attempts=2,
                waited_ms=30,
                data_available_until=None,
                checkpoint=None,
                is_last=number == len(parts),
            )


def land(place: Lake, centre: Centre, *, run_id: str = "a run") -> Made:
    builder = place.builder(run_id)
    return published(genesys_reference.land(place, centre, builder), builder)  # type: ignore[arg-type]  # a stand-in


def rows(place: Lake) -> list[dict[str, Any]]:
    return list(pq.read_table(place.storage.url(layout.object_key(TABLE, None)), partitioning=None).to_pylist())


def seen(place: Lake, listing: str = "queues") -> list[tuple[int, int, int]]:
    """Observation, page and count of each page of a listing."""
    return [(row["observation"], row["page"], row["record_count"]) for row in rows(place) if row["listing"] == listing]


def paper(place: Lake, name: str) -> str:
    return parquet.papers(place.storage.url(layout.object_key(TABLE, None))).get(name)


@pytest.fixture
def place(tmp_path: Path):
    return lake(tmp_path)


@pytest.mark.shows("S0-33", "S2-44")
def test_every_listing_is_kept_verbatim_as_first_observed(place: Lake):
    made = land(place, Centre())
    found = rows(place)
    assert {row["listing"] for row in found} == set(LISTINGS)
    assert seen(place) == [(1, 1, 2), (1, 2, 1)]
    assert [row["body"] for row in found if row["listing"] == "users"] == [b'{"entities": [{"id": "u1"}], "total": 1}']
    assert all(hashlib.sha256(row["body"]).hexdigest() == row["body_sha256"] for row in found)
    assert {(row["feed"], row["run_id"], row["attempts"]) for row in found} == {("reference", "a run", 2)}
    assert {name: made.figures[name] for name in ("requests", "records_told", "observations_new", "listings_read", "listings_not_there")} == {
        "requests": 16, "records_told": 4, "observations_new": 7, "listings_read": 7, "listings_not_there": "none",
    }  # fmt: skip


def test_nothing_new_says_the_same_and_remembers_that_it_was_read(place: Lake):
    """The data version is the content: an unchanged listing paints nothing stale. When it was last read stands in the papers."""
    first = land(place, Centre())
    again = land(place, Centre(now=NOON + timedelta(hours=1)), run_id="later")
    assert again.aside.content == first.aside.content
    assert again.figures["observations_new"] == 0
    readings = json.loads(paper(place, "reads"))
    assert {(one["listing"], one["is_kept"], one["run_id"], one["received_at"]) for one in readings} == {
        (name, False, "later", "2026-11-05T13:00:00") for name in LISTINGS
    }
    assert [one["page"] for one in readings] == list(range(1, 9))


def test_an_observation_is_kept_when_a_page_differs_and_none_is_ever_lost(place: Lake):
    centre = Centre()
    land(place, centre)
    before = rows(place)
    centre.listings["queues"] = ["q1", "q2", "q9"]
    centre.now += timedelta(hours=1)
    assert land(place, centre, run_id="second").figures["observations_new"] == 1
    assert seen(place) == [(1, 1, 2), (1, 2, 1), (8, 1, 2), (8, 2, 1)]
    assert rows(place)[: len(before)] == before
    kept = {one["listing"] for one in json.loads(paper(place, "reads")) if one["is_kept"]}
    assert kept == {"queues"}


def test_what_was_before_and_is_again_is_another_observation(place: Lake):
    """It is compared with the last one kept, not with any."""
    centre = Centre()
    for ids in (["q1"], ["q2"], ["q1"]):
        centre.listings["queues"] = ids
        land(place, centre)
    assert [genesys_reference.latest(place, "queues")] == [[b'{"entities": [{"id": "q1"}], "total": 1}']]
    assert [row[0] for row in seen(place)] == [1, 8, 9]


def test_the_papers_do_not_grow(place: Lake):
    for hour in range(4):
        land(place, Centre(now=NOON + timedelta(hours=hour)))
    assert len(json.loads(paper(place, "reads"))) == 8


def test_a_listing_that_changes_while_it_is_read_is_asked_for_again(place: Lake):
    """Pages of two moments are no listing (F-14)."""
    centre = Centre(changes=2)
    land(place, centre)
    assert centre.asked.count("queues") == 3
    assert seen(place) == [(1, 1, 2), (1, 2, 1)]
    with pytest.raises(TotalNotReached):
        land(place, Centre(changes=9))


@pytest.mark.parametrize("listing", ["queues", "users"])
def test_an_empty_answer_does_not_end_everything(place: Lake, listing: str):
    """A role that lost its divisions is answered with nothing, and with a 200."""
    land(place, Centre())
    content = rows(place)
    with pytest.raises(ShrinkRefused, match=rf"{listing} holds none of the \d it held before; .* run again"):
        land(place, Centre(listings={"queues": ["q1"], "users": ["u1"]} | {listing: []}))
    assert rows(place) == content


def test_an_org_without_queues_yet_has_none(place: Lake):
    land(place, Centre(listings={}))
    assert seen(place) == [(1, 1, 0)]
    land(place, Centre())
    assert [row[0] for row in seen(place)] == [1, 8, 8]


def _answered(status: int) -> Exception:
    at = Exchange("GET", "https://api.example.com/api/v2/x", status, "not.found" if status == 404 else "missing.permissions")
    if status == 403:
        return PermissionMissing("The OAuth client may not do this", permission="groups:team:view", at=at)
    return RequestRejected("Genesys refuses the request", at=at)


def test_an_org_that_has_no_teams_is_no_error(place: Lake):
    made = land(place, Centre(refuses={"teams": _answered(404), "locations": _answered(404)}))
    assert made.figures["listings_not_there"] == "teams, locations"
    assert seen(place, "teams") == []


def test_a_door_that_was_there_and_is_not_now_is_an_error(place: Lake):
    land(place, Centre(listings={"teams": ["t1"], "queues": ["q1"], "users": ["u1"]}))
    with pytest.raises(RequestRejected):
        land(place, Centre(refuses={"teams": _answered(404)}))


@pytest.mark.parametrize("listing", ["queues", "users", "wrapup_codes", "skills"])
def test_what_every_org_has_must_be_there(place: Lake, listing: str):
    with pytest.raises(RequestRejected):
        land(place, Centre(refuses={listing: _answered(404)}))


@pytest.mark.parametrize(
    ("listing", "source"),
    [("queues", "reference"), ("teams", "teams"), ("locations", "locations"), ("management_units", "adherence")],
)
def test_a_permission_that_is_missing_is_named_with_the_variable(listing: str, source: str, place: Lake):
    """And with no more of the variable than is needed: for want of teams nobody is to go without the names of queues."""
    with pytest.raises(PermissionMissing, match=rf"groups:team:view.*name {source} in SOURCES_ABSENT"):
        land(place, Centre(refuses={listing: _answered(403)}))


def test_a_declared_absence_lands_an_empty_object_that_says_so(tmp_path: Path):
    place, centre = lake(tmp_path, SOURCES_ABSENT="reference"), Centre()
    made = land(place, centre)
    assert (rows(place), centre.asked, paper(place, "absent")) == ([], [], "reference")
    assert "SOURCES_ABSENT" in made.figures["nothing_asked"]


@pytest.mark.parametrize(
    ("absent", "left_out"),
    [("adherence", ["management_units"]), ("teams", ["teams"]), ("locations, teams", ["teams", "locations"])],
)
def test_a_listing_that_is_absent_by_itself_leaves_the_others(absent: str, left_out: list[str], tmp_path: Path):
    """Management units are the licence's for adherence, and read for its sake alone."""
    place, centre = lake(tmp_path, SOURCES_ABSENT=absent), Centre(refuses={name: _answered(403) for name in left_out})
    made = land(place, centre)
    assert set(LISTINGS) - set(centre.asked) == set(left_out)
    assert {row["listing"] for row in rows(place)} == set(LISTINGS) - set(left_out)
    assert paper(place, "listings_absent") == made.figures["listings_absent"] == ", ".join(left_out)
    assert paper(place, "absent") == ""


def test_what_was_observed_passes_on_some_pages_at_a_time(place: Lake):
    """P9: what a night holds in memory does not grow with what was ever observed; the last observation is found without the others' bodies."""
    centre = Centre()
    for night in range(12):
        centre.listings = {"queues": [f"q{night}-{number}" for number in range(24)], "users": ["u1"]}
        land(place, centre)
    file = pq.ParquetFile(place.storage.url(layout.object_key(TABLE, None)))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    assert (sum(groups), max(groups), len(groups)) == (12 * 12 + 6, 60, 3)
    assert [row["observation"] for row in rows(place)] == sorted(row["observation"] for row in rows(place))
    assert b"".join(genesys_reference.latest(place, "queues")).count(b"q11-") == 24
    assert genesys_reference.latest(place, "stars") == []


def test_what_was_observed_stays_when_the_source_is_declared_absent(tmp_path: Path):
    land(lake(tmp_path), Centre())
    place = lake(tmp_path, SOURCES_ABSENT="reference")
    land(place, Centre())
    assert seen(place) == [(1, 1, 2), (1, 2, 1)]
    assert len(json.loads(paper(place, "reads"))) == 8


@pytest.mark.parametrize("spoil", ["update {t} set body = 'x'::blob where page = 2", "delete from {t} where page = 2", "delete from {t} where observation = 1"])  # fmt: skip
def test_an_object_that_lost_or_changed_a_page_is_not_published(place: Lake, spoil: str):
    """The proof sees what stood before."""
    land(place, Centre())
    (proof,) = genesys_reference.BODY.proofs
    with place.sight.session(genesys_reference.BODY.reads, None) as engine:
        engine.execute(f"create table aside as from read_parquet('{place.storage.url(layout.object_key(TABLE, None))}')")
        engine.execute("create table kept_before as from aside")
        assert engine.execute(proof.sql).fetchall()[0][0] is True
        engine.execute(spoil.format(t="aside"))
        assert engine.execute(proof.sql).fetchall()[0][0] is False


IDS = st.lists(st.sampled_from(["q1", "q2", "q3"]), min_size=1, unique=True)


@settings(max_examples=5, deadline=None)
@given(st.lists(IDS, min_size=1, max_size=4), st.data())
def test_equal_observations_between_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, observed: list[list[str]], data: st.DataObject
):
    """However often an unchanged listing is read again, the same is held (P3)."""
    often, once = lake(tmp_path_factory.mktemp("often")), lake(tmp_path_factory.mktemp("once"))
    for ids in observed:
        centre = Centre(listings={"queues": ids, "users": ["u1"]})
        for _ in range(data.draw(st.integers(1, 3))):
            last = land(often, centre)
        assert land(once, centre).aside.content == last.aside.content
