"""What a release did to escalations, by tier (S1-2, §6.8): counts and weeks by hand, statistics in `test_proportions`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.definitions import lake_of
from genesys_crm_assets.dimensions import product_release
from genesys_crm_assets.facts import customer_interactions
from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table, arrow_schema, body_schema
from genesys_crm_assets.marts import escalation_by_release
from genesys_crm_assets.resources import Lake
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, NOON, World

TABLE, BODY = escalation_by_release.TABLE, escalation_by_release.BODY
OUT = datetime(2026, 3, 10, 9)  # noqa: DTZ001 - as DuckDB's timestamps are
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)

UNIFIED = (
    "create table marts.unified_interactions "
    "(customer_tier_at_interaction varchar, interaction_timestamp_utc timestamp, was_escalated boolean)"
)


@dataclass
class Weeks:
    """Interactions around releases; every day of March 2026 is final and none is biased unless it is said.

    Attributes:
        contacts: tier, start, escalated.
        releases: name and moment; all of one product.
        provisional: days that are not final.
        biased: days that are.
        standing: rows that stand already.
        policy: `NULL_CRM_POLICY`.
    """

    contacts: list[tuple[str, datetime, bool]] = field(default_factory=list)
    releases: list[tuple[str, datetime]] = field(default_factory=lambda: [("2026.1", OUT)])
    provisional: tuple[date, ...] = ()
    biased: tuple[date, ...] = ()
    standing: list[dict[str, Any]] = field(default_factory=list)
    policy: str = "flag"

    def told(self, tier: str, start: datetime, contacts: int, escalated: int = 0) -> "Weeks":
        """So many contacts a second apart, the first ones escalated."""
        self.contacts += [(tier, start + timedelta(seconds=number), number < escalated) for number in range(contacts)]
        return self

    @contextmanager
    def session(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(":memory:") as engine:
            for layer in ("dimensions", "marts", "audit"):
                engine.execute(f"create schema {layer}")
            engine.execute("create table audit.settings as select $policy as null_crm_policy", {"policy": self.policy})
            _lay(engine, product_release.TABLE, [{"release": name, "product": "app", "released_at": at} for name, at in self.releases])
            _lay(engine, TABLE, self.standing)
            days = [date(2026, 3, 1) + timedelta(days=number) for number in range(31)]
            engine.execute("create table audit.data_status (day_utc date, is_final boolean, is_biased boolean)")
            engine.executemany(
                "insert into audit.data_status values (?, ?, ?)", [(day, day not in self.provisional, day in self.biased) for day in days]
            )
            engine.execute(UNIFIED)
            told = pa.Table.from_pylist(
                [dict(zip(("tier", "at", "escalated"), one, strict=True)) for one in self.contacts],
                schema=pa.schema([("tier", pa.string()), ("at", pa.timestamp("us")), ("escalated", pa.bool_())]),
            )
            engine.register("told", told)
            engine.execute("insert into marts.unified_interactions select * from told")
            yield engine

    def rows(self) -> list[dict[str, Any]]:
        with self.session() as engine:
            return running.rows(BODY, engine)

    def row(self) -> dict[str, Any]:
        (found,) = self.rows()
        return found


def _lay(engine: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    loaded = [{"loaded_at": OUT, "run_id": "a run", **row} for row in rows]
    engine.register("laid", pa.Table.from_pylist(loaded, schema=arrow_schema(table)))
    engine.execute(f"create table {table.qualified} as select * from laid")


@pytest.mark.shows("S1-2")
def test_a_rise_of_fourteen_points_in_one_tier_is_found_and_the_others_stay_quiet():
    """Enterprise 20 of 200, then 48 of 200; Pro 30 and 32 of 200; by hand z = 3.7271 and 0.2763, p 0.000194 twice over and 0.7823.

    The interval by hand: Wilson's of 24 % is 18.607 to 30.373, of 10 % 6.567 to 14.941; so 14 less 7.31 and 14 and 7.24.
    """
    world = Weeks()
    for tier, before, after in (("Enterprise", 20, 48), ("Pro", 30, 32)):
        world.told(tier, OUT - 24 * HOUR, 200, before).told(tier, OUT + 24 * HOUR, 200, after)
    world.told("Unknown", OUT + HOUR, 50, 50)
    enterprise, pro = world.rows()
    assert list(enterprise) == body_schema(TABLE).names
    told = ("release", "product", "released_at", "customer_tier")
    assert [enterprise[name] for name in told] == ["2026.1", "app", OUT, "Enterprise"]
    sums = ("contacts_before", "escalations_before", "rate_before_pct", "contacts_after", "escalations_after", "rate_after_pct")
    assert [enterprise[name] for name in sums] == [200, 20, 10.0, 200, 48, 24.0]
    assert enterprise["difference_points"] == pytest.approx(14.0)
    assert (enterprise["difference_low_points"], enterprise["difference_high_points"]) == (
        pytest.approx(6.69, abs=0.01),
        pytest.approx(21.24, abs=0.01),
    )
    assert enterprise["p_value"] == pytest.approx(0.000194, abs=1e-6)
    assert enterprise["p_adjusted"] == pytest.approx(2 * enterprise["p_value"])
    assert (pro["p_value"], pro["p_adjusted"]) == (pytest.approx(0.7823, abs=1e-4), pytest.approx(0.7823, abs=1e-4))
    assert [(row["customer_tier"], row["is_significant"], row["is_complete"]) for row in (enterprise, pro)] == [
        ("Enterprise", True, True), ("Pro", False, True),
    ]  # fmt: skip


def test_a_tier_that_is_significant_alone_may_not_be_among_several():
    """27 against 14 of 200 has p = 0.0321; of two tests, twice that is no discovery. Another release does not count as another test."""
    world = Weeks(releases=[("2026.1", OUT), ("other", OUT + 14 * WEEK)])
    world.told("Enterprise", OUT - HOUR, 200, 14).told("Enterprise", OUT, 200, 27)
    alone = world.rows()[0]
    assert (alone["p_adjusted"], alone["is_significant"]) == (pytest.approx(alone["p_value"]), True)
    assert alone["p_value"] == pytest.approx(0.0321, abs=1e-4)
    world.told("Pro", OUT - HOUR, 200, 14).told("Pro", OUT, 200, 14)
    assert [row["is_significant"] for row in world.rows()] == [False] * 4


def test_a_tier_with_nothing_to_test_takes_nothing_from_the_others():
    world = Weeks().told("Enterprise", OUT - HOUR, 200, 14).told("Enterprise", OUT, 200, 27).told("Pro", OUT, 10)
    enterprise, pro = world.rows()
    assert enterprise["is_significant"]
    assert (pro["contacts_before"], pro["contacts_after"], pro["rate_before_pct"], pro["rate_after_pct"]) == (0, 10, None, 0.0)
    names = ("difference_points", "difference_low_points", "difference_high_points", "p_value", "p_adjusted")
    assert [pro[name] for name in names] == [None] * 5
    assert pro["is_significant"] is False


@pytest.mark.shows("S1-2")
@pytest.mark.parametrize(
    ("start", "before", "after"),
    [(-WEEK - MS, 0, 0), (-WEEK, 1, 0), (-MS, 1, 0), (timedelta(), 0, 1), (WEEK - MS, 0, 1), (WEEK, 0, 0)],
)
def test_weeks_are_half_open_and_168_hours_long(start: timedelta, before: int, after: int):
    found = Weeks().told("Pro", OUT + start, 1).row()
    assert (found["contacts_before"], found["contacts_after"]) == (before, after)


def test_every_tier_there_is_stands_beside_every_release():
    """Also one without a contact in its weeks; a row that is not there could be taken for one that was forgotten."""
    world = Weeks(releases=[("2026.1", OUT), ("2026.2", OUT + 8 * WEEK)]).told("Pro", OUT, 1).told("Basic", OUT - 5 * WEEK, 1)
    assert [(row["release"], row["customer_tier"], row["contacts_after"]) for row in world.rows()] == [
        ("2026.1", "Basic", 0), ("2026.1", "Pro", 1), ("2026.2", "Basic", 0), ("2026.2", "Pro", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "provisional", "complete"),
    [
        (OUT, date(2026, 3, 2), True),
        (OUT, date(2026, 3, 3), False),
        (OUT, date(2026, 3, 17), False),
        (OUT, date(2026, 3, 18), True),
        (OUT.replace(hour=0), date(2026, 3, 3), False),
        (OUT.replace(hour=0), date(2026, 3, 16), False),
        (OUT.replace(hour=0), date(2026, 3, 17), True),
    ],
)
def test_both_weeks_are_complete_when_every_day_they_touch_is_final(moment: datetime, provisional: date, *, complete: bool):
    """A day of which they hold a part must be final as a whole; a release at midnight touches fourteen days, any other fifteen."""
    world = Weeks(releases=[("2026.1", moment)], provisional=(provisional,)).told("Pro", OUT, 1)
    assert world.row()["is_complete"] is complete


def test_days_that_were_never_landed_are_not_final():
    world = Weeks(releases=[("2026.1", datetime(2026, 3, 28))]).told("Pro", OUT, 1)  # noqa: DTZ001 - UTC
    assert world.row()["is_complete"] is False


@pytest.mark.shows("S1-28")
def test_a_release_with_a_biased_day_keeps_its_rows_where_the_policy_blocks_and_others_are_judged():
    """2026.1 is held back with its row of before, 2026.2 without one, 2026.3 lies clear of the biased day."""
    releases = [("2026.1", OUT), ("2026.2", OUT + HOUR), ("2026.3", OUT + 14 * timedelta(days=1))]
    key = {"product": "app", "released_at": OUT, "customer_tier": "Pro"}
    figures = {"contacts_before": 7, "escalations_before": 0, "contacts_after": 7, "escalations_after": 0}
    verdict = {"is_significant": False, "is_complete": True}
    gone = {**key, "release": "withdrawn", **figures, **verdict}
    world = Weeks(
        releases=releases, biased=(date(2026, 3, 9),), standing=[{**key, "release": "2026.1", **figures, **verdict}, gone], policy="block"
    ).told("Pro", OUT, 3)
    assert sorted((row["release"], row["contacts_after"]) for row in world.rows()) == [("2026.1", 7), ("2026.3", 0)]
    with world.session() as engine:
        running.rows(BODY, engine)
        assert engine.execute(BODY.marks[0][1]).fetchall() == [(2,)]
    world.policy = "flag"
    assert sorted((row["release"], row["contacts_after"]) for row in world.rows()) == [("2026.1", 3), ("2026.2", 0), ("2026.3", 0)]


def test_without_releases_or_tiers_there_is_no_row():
    assert Weeks(releases=[]).told("Pro", OUT, 1).rows() == []
    assert Weeks().told("Unknown", OUT, 1).rows() == []


CONTACTS = st.lists(st.tuples(st.sampled_from(["Basic", "Pro", "Unknown"]), st.integers(-400, 400), st.booleans()), max_size=30)


@pytest.mark.shows("S1-2")
@given(CONTACTS, st.lists(st.integers(-200, 200), min_size=1, max_size=3, unique=True), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_counts_are_those_by_definition_in_whatever_order_they_were_told(contacts: Any, moments: list[int], random: Any):
    releases = [(str(hours), OUT + hours * HOUR) for hours in moments]
    world = Weeks([(tier, OUT + hours * HOUR, escalated) for tier, hours, escalated in contacts], releases)
    found = world.rows()
    tiers = sorted({tier for tier, _, _ in contacts} - {"Unknown"})
    assert sorted((row["release"], row["customer_tier"]) for row in found) == sorted((name, tier) for name, _ in releases for tier in tiers)
    for row in found:
        mine = [(OUT + hours * HOUR - row["released_at"], hit) for tier, hours, hit in contacts if tier == row["customer_tier"]]
        before, after = [hit for at, hit in mine if -WEEK <= at < timedelta()], [hit for at, hit in mine if timedelta() <= at < WEEK]
        assert (row["contacts_before"], row["escalations_before"]) == (len(before), sum(before))
        assert (row["contacts_after"], row["escalations_after"]) == (len(after), sum(after))
    random.shuffle(world.contacts)
    random.shuffle(world.releases)
    assert world.rows() == found


@dataclass(frozen=True)
class House:
    """A lake with all its views, into which rows are landed as they are."""

    root: Path

    @cached_property
    def lake(self) -> Lake:
        places = {"LAKE_URL": "lake", "STATE_DIR": "state", "WAREHOUSE_PATH": "warehouse.duckdb"}
        return lake_of(
            {name: str(self.root / place) for name, place in places.items()} | {"SALESFORCE_URL": "https://acme.my.salesforce.com"}
        )

    def land(self, table: Table, day: date | None, *rows: dict[str, Any]) -> None:
        names = body_schema(table).names
        found = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows], schema=body_schema(table))
        builder = self.lake.builder("a run")
        builder.publish(builder.aside(table, Body(reads=(), python=lambda _session, _day: found), day))

    def judge(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """What is published, without provenance, and what is said of it."""
        builder = self.lake.builder("a run")
        judged = escalation_by_release.made(self.lake, builder)
        assert judged.aside.holds, judged.aside.verdicts
        builder.publish(judged.aside)
        rows = pq.read_table(self.lake.storage.url(layout.object_key(TABLE, None))).drop_columns(["loaded_at", "run_id"]).to_pylist()
        return rows, dict(judged.figures)


@pytest.mark.shows("S1-2")
def test_in_a_lake_it_is_judged_from_the_views_and_says_why_it_is_empty(tmp_path: Path):
    """§6.8: without releases, and without customers, there is no row, and the metadata says which of the two it is."""
    house = House(tmp_path)
    rows, said = house.judge()
    assert (rows, said["releases"]) == ([], 0)
    assert "no release is listed" in said["why_empty"]
    house.land(product_release.TABLE, None, {"release": "2026.1", "product": "app", "released_at": NOON})
    rows, said = house.judge()
    assert rows == []
    assert "no customer with a tier" in said["why_empty"]
    world = World()
    world.interaction(crm_account_id=world.account(1, customer_tier="Pro"), was_escalated=True)
    house.land(customer_interactions.TABLE, DAY, world.fact(customer_interactions.TABLE))
    (row,), said = house.judge()
    assert (row["customer_tier"], row["contacts_before"], row["contacts_after"], row["escalations_after"]) == ("Pro", 0, 1, 1)
    assert (row["is_complete"], row["is_significant"], row["p_value"]) == (False, False, None)
    assert said == {"releases": 1, "releases_held": 0}
