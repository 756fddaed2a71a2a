"""History by observation: versions of queues and agents, names of all else, by hand and as laws over drawn listings (§4, §6.4)."""

import hashlib
from datetime import date, datetime, timedelta
from random import Random
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.dimensions import (
    genesys_agent,
    genesys_location,
    genesys_queue,
    genesys_skill,
    genesys_team,
    genesys_wrapup_code,
)
from genesys_crm_assets_tests.listings import START, Listings, Row, thing, user

TEN = datetime(2026, 1, 5, 10)  # noqa: DTZ001 - as DuckDB's timestamps are
NAMED = [
    (genesys_wrapup_code, "wrapup_codes"), (genesys_skill, "skills"), (genesys_team, "teams"), (genesys_location, "locations"),
]  # fmt: skip


@pytest.fixture
def told():
    return Listings()


def story(rows: list[Row], thing_id: str = "q1") -> list[tuple[Any, ...]]:
    """Of one thing, version by version: when it begins, what it says, how its beginning is known."""
    return [
        (row["valid_from"], row["name"], row["division"], row["is_active"], row["change_source"])
        for row in rows
        if thing_id in (row.get("queue_id"), row.get("agent_id"))
    ]


@pytest.mark.shows("S0-58")
def test_the_first_version_begins_with_the_calendar(told: Listings):
    """Nothing earlier than the first listing can be observed, and facts of earlier days need a name."""
    told.observe(TEN, [thing("q1")])
    (row,) = told.rows(genesys_queue)
    assert row == {
        "version_key": hashlib.sha256(b"Queue|q1|2026-01-01T00:00:00.000Z").hexdigest(),
        "queue_id": "q1", "name": "Sales", "division": "Home", "is_active": True,
        "valid_from": START, "valid_to": None, "is_current": True, "change_source": "created",
    }  # fmt: skip


@pytest.mark.shows("S0-60")
def test_a_change_begins_a_version_at_the_listing_that_told_it(told: Listings):
    told.observe(TEN, [thing("q1")])
    told.observe(TEN + timedelta(days=1, microseconds=1_234), [thing("q1", "Sales EU")])
    told.observe(TEN + timedelta(days=2), [thing("q1", "Sales EU", "Abroad"), thing("q2")])
    rows = told.rows(genesys_queue)
    renamed, moved = TEN + timedelta(days=1, milliseconds=1), TEN + timedelta(days=2)
    assert story(rows) == [
        (START, "Sales", "Home", True, "created"),
        (renamed, "Sales EU", "Home", True, "observed"),
        (moved, "Sales EU", "Abroad", True, "observed"),
    ]
    assert [row["valid_to"] for row in rows if row["queue_id"] == "q1"] == [renamed, moved, None]
    assert rows[1]["version_key"] == hashlib.sha256(b"Queue|q1|2026-01-06T10:00:00.001Z").hexdigest()
    assert story(rows, "q2") == [(START, "Sales", "Home", True, "created")]
    assert told.broken(genesys_queue) == []


def test_a_queue_renamed_twice_in_one_day_has_both_versions(told: Listings):
    for hour, name in enumerate(("A", "B", "B", "C", "C")):
        told.observe(TEN + timedelta(hours=hour), [thing("q1", name, memberCount=hour)])
    assert [(at.hour, name) for at, name, *_ in story(told.rows(genesys_queue))] == [(0, "A"), (11, "B"), (13, "C")]


def test_another_listing_of_the_same_day_moves_no_version(told: Listings):
    """Facts carry version keys; a member more must not give a queue another one."""
    told.observe(TEN, [thing("q1")])
    told.observe(TEN + timedelta(hours=1), [thing("q1", "Sales EU")])
    before = told.rows(genesys_queue)
    told.observe(TEN + timedelta(hours=2), [thing("q1", "Sales EU", memberCount=17)])
    assert told.rows(genesys_queue) == before


def test_a_deleted_queue_is_inactive_and_keeps_its_name_and_may_return(told: Listings):
    told.observe(TEN, [thing("q1"), thing("q2")])
    told.observe(TEN + timedelta(days=1), [thing("q2")])
    told.observe(TEN + timedelta(days=2), [thing("q2", memberCount=2)])
    told.observe(TEN + timedelta(days=3), [thing("q1"), thing("q2")])
    assert story(told.rows(genesys_queue)) == [
        (START, "Sales", "Home", True, "created"),
        (TEN + timedelta(days=1), "Sales", "Home", False, "observed"),
        (TEN + timedelta(days=3), "Sales", "Home", True, "observed"),
    ]
    assert told.broken(genesys_queue) == []


@pytest.mark.shows("S0-63")
def test_an_empty_listing_ends_no_version(told: Listings):
    told.observe(TEN, [thing("q1")])
    before = told.rows(genesys_queue)
    told.observe(TEN + timedelta(days=1), [])
    assert told.rows(genesys_queue) == before


def test_values_that_were_not_told_are_compared_as_values(told: Listings):
    """Null is a value here: neither equal to everything nor to nothing."""
    for day, queue in enumerate(
        (thing("q1", None, None), thing("q1", None, None, memberCount=1), thing("q1", "A", None), thing("q1", None, None))
    ):
        told.observe(TEN + timedelta(days=day), [queue])
    assert [name for _, name, *_ in story(told.rows(genesys_queue))] == [None, "A", None]
    assert told.broken(genesys_queue) == []


@pytest.mark.parametrize(
    ("state", "is_active"), [("active", True), ("inactive", False), ("deleted", False), (None, True), ("Active", True)]
)
def test_an_agent_is_active_by_state(told: Listings, state: str | None, is_active: bool):  # noqa: FBT001 - from a table
    told.observe(TEN, [user("u1", state=state)], "users")
    assert [row["is_active"] for row in told.rows(genesys_agent)] == [is_active]


def test_an_agent_who_leaves_the_listing_is_inactive_too(told: Listings):
    told.observe(TEN, [user("u1"), user("u2")], "users")
    told.observe(TEN + timedelta(days=1), [user("u1", state="inactive"), user("u2")], "users")
    told.observe(TEN + timedelta(days=2), [user("u2", email="x@example.com")], "users")
    assert [(at, is_active) for at, _, _, is_active, _ in story(told.rows(genesys_agent), "u1")] == [
        (START, True),
        (TEN + timedelta(days=1), False),
    ]
    assert told.broken(genesys_agent) == []


def test_address_team_and_location_are_the_last_told_in_every_version(told: Listings):
    placed = [{"id": "x", "locationDefinition": {"id": "l1"}}]
    told.observe(TEN, [user("u1", email="a@example.com", team={"id": "t1"}, locations=placed)], "users")
    told.observe(TEN + timedelta(days=1), [user("u1", "Anna", email="b@example.com", locations=placed)], "users")
    rows = told.rows(genesys_agent)
    assert [(row["name"], row["email"], row["team_id"], row["location_id"]) for row in rows] == [
        ("Ann", "b@example.com", None, "l1"), ("Anna", "b@example.com", None, "l1"),
    ]  # fmt: skip
    assert rows[0]["version_key"] == hashlib.sha256(b"Agent|u1|2026-01-01T00:00:00.000Z").hexdigest()


def test_what_was_observed_before_the_calendar_stands_at_its_beginning():
    """A START_DATE moved up: no version begins before it, and none is empty."""
    told = Listings(date(2026, 1, 7))
    told.observe(TEN, [thing("q1", "A")])
    told.observe(TEN + timedelta(days=1), [thing("q1", "B")])
    told.observe(TEN + timedelta(days=4), [thing("q1", "C")])
    assert story(told.rows(genesys_queue)) == [
        (datetime(2026, 1, 7), "B", "Home", True, "created"),  # noqa: DTZ001 - as DuckDB's timestamps are
        (TEN + timedelta(days=4), "C", "Home", True, "observed"),
    ]
    assert told.broken(genesys_queue) == []


@pytest.mark.parametrize(("dimension", "listing"), NAMED)
def test_a_name_is_the_latest_and_what_vanished_keeps_its_own(told: Listings, dimension: ModuleType, listing: str):
    """Two of one name are two."""
    told.observe(TEN, [thing("a", "Old"), thing("b", "Kept"), thing("c", "Twin")], listing)
    told.observe(TEN + timedelta(days=1), [thing("a", "New"), thing("c", "Twin"), thing("d", "Twin")], listing)
    told.observe(TEN + timedelta(days=2), [thing("x", "Elsewhere")], "queues")
    key = dimension.TABLE.key[0]
    assert [(row[key], row["name"]) for row in told.rows(dimension)] == [("a", "New"), ("b", "Kept"), ("c", "Twin"), ("d", "Twin")]
    assert told.broken(dimension) == []


@pytest.mark.parametrize("dimension", [genesys_queue, genesys_agent, *(dimension for dimension, _ in NAMED)])
def test_an_org_of_which_nothing_was_read_has_empty_dimensions(told: Listings, dimension: ModuleType):
    assert told.rows(dimension) == []
    assert told.broken(dimension) == []


def test_rows_that_break_a_law_are_not_published(told: Listings):
    told.observe(TEN, [thing("q1"), thing("q2")])
    told.observe(TEN + timedelta(days=1), [thing("q1", "B"), thing("q2")])
    first, second, other = told.rows(genesys_queue)
    assert told.broken(genesys_queue, [first, second]) == ["every_thing_listed_has_a_version"]
    assert told.broken(genesys_queue, [first, other]) == ["every_thing_has_one_current_version"]
    assert told.broken(genesys_queue, [first, second | {"name": "Sales"}, other]) == ["neighbouring_versions_differ_in_a_tracked_column"]
    assert told.broken(genesys_queue, [first | {"valid_to": None}, second, other]) == ["versions_of_a_record_do_not_overlap"]
    told.observe(TEN, [thing("s1")], "skills")
    assert told.broken(genesys_skill, []) == ["every_thing_listed_has_a_name_row"]


LISTED = st.dictionaries(
    st.sampled_from(["q1", "q2", "q3"]), st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["Home", None])), max_size=3
)
FEW = settings(max_examples=25, deadline=None)


def drawn(observed: list[dict[str, tuple[str | None, str | None]]], repeats: Random | None = None) -> Listings:
    """Listings a day apart, or several times in a row, an hour apart, with nothing new but their counts."""
    told = Listings()
    for day, listing in enumerate(observed):
        for hour in range(1 + (repeats.randrange(3) if repeats else 0)):
            told.observe(TEN + timedelta(days=day, hours=hour), [thing(one, *values, memberCount=hour) for one, values in listing.items()])
    return told


@pytest.mark.shows("S0-60")
@FEW
@given(st.lists(LISTED, max_size=6))
def test_every_drawn_world_obeys_the_laws_and_gives_its_listings_back(observed: list[dict[str, tuple[str | None, str | None]]]):
    """Replayed at an observation's moment, the versions are that listing: who is there, under what name, in which division."""
    told = drawn(observed)
    assert told.broken(genesys_queue) == []
    rows = told.rows(genesys_queue)
    for day, listing in enumerate(observed):
        at = TEN + timedelta(days=day)
        valid = [row for row in rows if row["valid_from"] <= at and (row["valid_to"] is None or at < row["valid_to"])]
        standing = {row["queue_id"]: (row["name"], row["division"]) for row in valid if row["is_active"]}
        seen = {one for earlier in observed[: day + 1] for one in earlier}
        # Who is seen later only is there from the beginning; an empty listing says nothing.
        assert {one: values for one, values in standing.items() if one in seen} == listing or not listing


@FEW
@given(st.lists(LISTED, max_size=5), st.randoms(use_true_random=False))
def test_listings_that_bring_nothing_new_change_nothing(observed: list[dict[str, tuple[str | None, str | None]]], random: Random):
    """However often the same is read again, and in whatever order the stored pages are scanned (P3)."""
    once, often = drawn(observed), drawn(observed, random)
    random.shuffle(often.pages)
    assert often.rows(genesys_queue) == once.rows(genesys_queue)
