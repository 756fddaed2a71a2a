"""From observations to things and days: what was listed how, since which moment, and what was missed when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.raw import genesys_reference as raw
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import genesys_reference as staged
from genesys_crm_assets_tests.lakes import SmallLake, rewritten
from genesys_crm_assets_tests.listings import START, Listings, Row, thing, user

MORNING, NOON = datetime(2026, 3, 5, 8), datetime(2026, 3, 5, 12)  # noqa: DTZ001 - as DuckDB's timestamps are
DAY, NEXT = date(2026, 3, 5), date(2026, 3, 6)
TOMORROW = MORNING + timedelta(days=1)


@pytest.fixture
def told():
    return Listings()


def short(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(row["thing_id"], row["observed_on"], row["is_listed"], row["name"], len(row["states"])) for row in rows]


def test_a_thing_has_a_row_for_each_day_a_whole_listing_was_kept(told: Listings):
    told.observe(MORNING, [thing("q1"), thing("q2"), thing("q3")])
    told.observe(TOMORROW, [thing("q1"), thing("q2", "Service", memberCount=4), thing("q3")])
    assert short(told.staged()) == [
        ("q1", DAY, True, "Sales", 1), ("q1", NEXT, True, "Sales", 0),
        ("q2", DAY, True, "Sales", 1), ("q2", NEXT, True, "Service", 1),
        ("q3", DAY, True, "Sales", 1), ("q3", NEXT, True, "Sales", 0),
    ]  # fmt: skip


@pytest.mark.shows("S0-60")
def test_a_queue_renamed_twice_in_one_day_keeps_both_names(told: Listings):
    """The day's row says how it was last listed; its states tell every change by its moment."""
    for hour, name in enumerate(("Sales", "Sales EU", "Sales EU", "Sales EMEA")):
        told.observe(MORNING + timedelta(hours=hour), [thing("q1", name, memberCount=hour)])
    (row,) = told.staged()
    assert (row["name"], row["observed_at"], row["observation"]) == ("Sales EMEA", MORNING + timedelta(hours=3), 4)
    assert [(state["observed_at"], state["name"]) for state in row["states"]] == [
        (MORNING, "Sales"), (MORNING + timedelta(hours=1), "Sales EU"), (MORNING + timedelta(hours=3), "Sales EMEA"),
    ]  # fmt: skip


def test_a_thing_that_is_missing_has_a_row_on_the_day_it_was_first_missed(told: Listings):
    told.observe(MORNING, [thing("q1"), thing("q2")])
    for days in (1, 2):
        told.observe(MORNING + timedelta(days=days), [thing("q1", memberCount=days)])
    rows = told.staged()
    assert short(rows) == [
        ("q1", DAY, True, "Sales", 1), ("q1", NEXT, True, "Sales", 0), ("q1", NEXT + timedelta(days=1), True, "Sales", 0),
        ("q2", DAY, True, "Sales", 1), ("q2", NEXT, False, "Sales", 1),
    ]  # fmt: skip
    assert rows[-1]["states"] == [{"observed_at": TOMORROW, "is_listed": False, "name": "Sales", "division": "Home", "state": None}]
    assert told.staged_proof(rows)["holds"]


def test_a_thing_that_came_and_went_within_a_day_is_not_lost(told: Listings):
    told.observe(MORNING, [thing("q1")])
    told.observe(NOON, [thing("q1"), thing("q2")])
    told.observe(NOON + timedelta(hours=1), [thing("q1")])
    *_, row = told.staged()
    assert (row["thing_id"], row["is_listed"], [state["is_listed"] for state in row["states"]]) == ("q2", False, [True, False])


@pytest.mark.shows("S0-63")
def test_nobody_is_missing_from_an_empty_listing(told: Listings):
    """An empty extract never ends anything."""
    told.observe(MORNING, [thing("q1")])
    told.observe(TOMORROW, [])
    told.observe(TOMORROW + timedelta(hours=1), [thing("q1")])
    rows = told.staged()
    assert short(rows) == [("q1", DAY, True, "Sales", 1), ("q1", NEXT, True, "Sales", 0)]
    assert told.staged_proof(rows)["holds"]


def test_listings_do_not_miss_each_others_things(told: Listings):
    told.observe(MORNING, [thing("x")], "skills")
    told.observe(NOON, [user("u1", team={"id": "t1"})], "users")
    told.observe(TOMORROW, [thing("y")], "teams")
    assert [(row["listing"], row["thing_id"], row["team_id"], row["is_listed"]) for row in told.staged()] == [
        ("skills", "x", None, True), ("teams", "y", None, True), ("users", "u1", "t1", True),
    ]  # fmt: skip


def test_what_cannot_be_read_is_counted_and_stops_nothing(told: Listings):
    told.observe(MORNING, [thing("q1"), thing("q1", "Again"), {"name": "no id"}, b"7", thing("q2", division=None, division_=1), {"id": "q3", "name": 7}])  # fmt: skip
    rows = told.staged()
    assert short(rows) == [("q1", DAY, True, "Again", 1), ("q2", DAY, True, "Sales", 1), ("q3", DAY, True, None, 1)]
    assert told.staged_proof(rows) == {
        "holds": True, "entities_told": 6, "things": 3, "repeated": 1, "unreadable": 2, "odd_values": 1, "days_differing": 0,
        "observations_kept": 0,
    }  # fmt: skip


def test_a_row_that_is_lost_or_invented_breaks_the_proof(told: Listings):
    told.observe(MORNING, [thing("q1"), thing("q2")])
    told.observe(TOMORROW, [thing("q1", "B"), thing("q2")])
    rows = told.staged()
    assert told.staged_proof(rows)["holds"]
    for spoilt in (rows[1:], [*rows, rows[0] | {"thing_id": "q9"}], [row for row in rows if row["observed_on"] == DAY], []):
        assert not told.staged_proof(spoilt)["holds"]


def test_an_empty_table_is_a_table(told: Listings):
    assert told.staged() == []
    assert told.staged_proof([])["holds"]


def test_a_clock_that_was_set_back_turns_no_observation_round(told: Listings):
    """They are in the order they were kept; a later one is never earlier."""
    told.observe(NOON, [thing("q1", "A")])
    told.observe(MORNING, [thing("q1", "B")])
    told.observe(NOON + timedelta(microseconds=1_500), [thing("q1", "C")])
    (row,) = told.staged()
    assert [(state["observed_at"], state["name"]) for state in row["states"]] == [
        (NOON, "B"), (NOON + timedelta(milliseconds=1), "C"),
    ]  # fmt: skip


def test_bytes_that_are_not_those_received_are_refused(told: Listings):
    told.observe(MORNING, [thing("q1")])
    told.pages[0]["body"] = b'{"entities": []}'
    with pytest.raises(ObjectDamaged, match="page 1 of queues"):
        told.staged()


LISTED = st.dictionaries(st.sampled_from(["q1", "q2", "q3"]), st.sampled_from(["A", "B", None]), max_size=3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), LISTED), max_size=8), st.integers(1, 3))
def test_every_listing_can_be_given_back_from_its_states(observed: list[tuple[int, dict[str, str | None]]], per_page: int):
    """Replayed up to an observation's moment, states give that listing back, whatever the pages it came in (P4)."""
    told, moment, whole = Listings(), START, {}
    for hours, listing in observed:
        moment += timedelta(hours=1 + hours)
        told.observe(moment, [thing(one, name) for one, name in listing.items()], per_page=per_page)
        if listing:
            whole[moment] = listing
    rows = told.staged()
    assert told.staged_proof(rows)["holds"]
    for at, listing in whole.items():
        states = sorted(
            ((state["observed_at"], row["thing_id"], state) for row in rows for state in row["states"] if state["observed_at"] <= at),
            key=lambda one: one[:2],
        )
        standing = {thing_id: state for _, thing_id, state in states}
        assert {one: state["name"] for one, state in standing.items() if state["is_listed"]} == listing


@dataclass
class Nights:
    """A lake that is landed and staged again and again, as the nights of an org are."""

    root: Path
    told: Listings = field(default_factory=Listings)

    def __post_init__(self) -> None:
        self.small = SmallLake(self.root)

    def stage(self, *, is_rebuilt: bool = False) -> Mapping[str, Any]:
        """Land all that was told and stage it upon what stands; the figures of the proof."""
        self.small.land(raw.TABLE, None, self.told.pages)
        aside = staged.made(cast("Lake", self.small), self.small.builder, is_rebuilt=is_rebuilt).aside
        assert aside.holds, aside.verdicts
        assert aside.content == self.small.builder.aside(replace(staged.TABLE, name="staged_at_once"), staged.BODY, None).content
        self.small.builder.publish(aside)
        return aside.verdicts[-1].figures

    def rows(self) -> list[Row]:
        found = self.small.rows(staged.TABLE)
        return sorted(found, key=lambda row: (row["listing"], row["thing_id"], row["observed_on"]))


def test_a_night_opens_the_observations_of_the_days_it_adds_to(tmp_path: Path):
    """P9: the others' rows stay as they were built; a day told of again is staged again, from all its listings."""
    nights = Nights(tmp_path)
    for day in range(5):
        nights.told.observe(MORNING + timedelta(days=day), [thing("q1", memberCount=day)])
        nights.told.observe(MORNING + timedelta(days=day), [thing("s1")], "skills")
        assert nights.stage()["observations_kept"] == 2 * day
    assert nights.stage() == {
        "entities_told": 0, "things": 0, "repeated": 0, "unreadable": 0, "odd_values": 0, "days_differing": 0, "observations_kept": 10,
    }  # fmt: skip
    nights.told.observe(MORNING + timedelta(days=4, hours=1), [thing("q1", "Service")])
    assert nights.stage()["observations_kept"] == 9
    (last,) = [row for row in nights.rows() if row["thing_id"] == "q1" and row["observed_on"] == DAY + timedelta(days=4)]
    assert (last["name"], last["observation"], len(last["states"])) == ("Service", 11, 1)
    assert nights.stage(is_rebuilt=True)["observations_kept"] == 0, "a rebuild is from raw"


def test_nothing_is_kept_of_observations_that_raw_no_longer_holds(tmp_path: Path):
    """A raw object that was put back from a copy, or begun again, is what counts (P3, P4)."""
    nights = Nights(tmp_path)
    nights.told.observe(MORNING, [thing("q1"), thing("q2")])
    nights.told.observe(MORNING, [thing("s1")], "skills")
    nights.told.observe(TOMORROW, [thing("q1")])
    nights.stage()
    nights.told.pages = nights.told.pages[:1]
    assert nights.stage()["observations_kept"] == 0
    assert short(nights.rows()) == [("q1", DAY, True, "Sales", 1), ("q2", DAY, True, "Sales", 1)]


@pytest.mark.parametrize("paper", [{"edition": 0}, {"contract": 0}])
def test_nothing_is_kept_of_another_edition(paper: dict[str, int], tmp_path: Path):
    nights = Nights(tmp_path)
    nights.told.observe(MORNING, [thing("q1")])
    nights.stage()
    path = Path(nights.small.storage.url(layout.object_key(staged.TABLE, None)))
    held = pq.read_table(path, partitioning=None)
    said = json.dumps(json.loads(parquet.papers(path).get(staged.STAGED_FROM)) | paper)
    rewritten(path, held, {staged.STAGED_FROM: said})
    assert nights.stage()["observations_kept"] == 0


NIGHT = st.lists(st.tuples(st.sampled_from(["queues", "users"]), st.integers(0, 20), LISTED), max_size=3)


@pytest.mark.shows("S0-15")
@settings(max_examples=8, deadline=None)
@given(st.lists(NIGHT, min_size=2, max_size=4))
def test_night_upon_night_says_what_one_night_says(
    tmp_path_factory: pytest.TempPathFactory, observed: list[list[tuple[str, int, dict[str, str | None]]]]
):
    """Whatever was told in which night, of which day, empty or not, backwards or not: the same rows as from raw at once (P3)."""
    nights, moment = Nights(tmp_path_factory.mktemp("nights")), START
    for night in observed:
        for listing, hours, things in night:
            moment += timedelta(hours=hours - 4)
            nights.told.observe(moment, [thing(one, name) for one, name in things.items()], listing)
        nights.stage()
    rows = nights.rows()
    nights.stage(is_rebuilt=True)
    assert [{**row, "loaded_at": None} for row in nights.rows()] == [{**row, "loaded_at": None} for row in rows]
