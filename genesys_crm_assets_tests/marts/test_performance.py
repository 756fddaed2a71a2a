"""Queues by quarter hour and agents by day, worked by hand (§6.8)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.dimensions import genesys_agent, genesys_queue
from genesys_crm_assets.facts import queue_activity
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.marts import agent_performance, queue_performance
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import World, lay

Row = dict[str, Any]
DAY = date(2026, 3, 10)
MEASURES = ("offered", "answered", "abandoned", "abandon_rate", "asa_ms", "aht_ms", "service_level")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(metric: str, count: int, total: int | None = None, *, quarter: str = "10:00", **of: Any) -> Row:
    """A row of the activity: a metric of queue q and agent a in a quarter hour."""
    at = utc(f"2026-03-10T{quarter}")
    return {"interval_start_utc": at, "queue_id": "q", "agent_id": "a", "media_type": "voice", "metric": metric, **of} | {
        "count": count,
        "sum": total,
    }


def built(table: Table, body: Body, rows: Sequence[Row], world: World | None = None) -> list[Row]:
    """The rows of a mart, proved and as stored."""
    with (world or World()).connection() as engine:
        lay(engine, queue_activity.TABLE, list(rows))
        found = running.rows(body, engine, DAY)
        assert all(running.verdicts(table, body, engine, found, DAY).values())
        return running.dicts(engine.execute(f"select {table.casts()} from aside order by all"))


def queues(*rows: Row, world: World | None = None) -> list[Row]:
    return built(queue_performance.TABLE, queue_performance.BODY, rows, world)


def agents(*rows: Row, world: World | None = None) -> list[Row]:
    return built(agent_performance.TABLE, agent_performance.BODY, rows, world)


def measures(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in MEASURES)


BUSY = (
    told("nOffered", 8),
    told("nOffered", 2, media_type="chat", agent_id=None),
    told("tAnswered", 6, 90_000),
    told("tAnswered", 2, 40_000, agent_id="b"),
    told("tAbandon", 2, 55_555, agent_id=None),
    told("nOverSla", 3),
    told("tHandle", 5, 1_500_000),
    told("tHandle", 2, 250_001, agent_id="b"),
    told("tTalk", 99, 99),
    told("nOffered", 1, quarter="10:15"),
    told("nOffered", 4, queue_id="other"),
    told("tAnswered", 3, 3, queue_id=None),
)
"""Ten offered to q in one quarter hour, eight answered after 130 s together, two gave up, three too late; seven handled."""


@pytest.mark.shows("S1-1")
def test_a_queues_quarter_hour_by_hand():
    world = World()
    world.listed(genesys_queue.TABLE, "q", "Support")
    found = queues(*BUSY, world=world)
    assert [(row["queue_id"], row["queue_name"], row["interval_start_utc"]) for row in found] == [
        ("other", None, utc("2026-03-10T10:00")),
        ("q", "Support", utc("2026-03-10T10:00")),
        ("q", "Support", utc("2026-03-10T10:15")),
    ]
    assert measures(found[0]) == (4, 0, 0, 0.0, None, None, None)
    assert measures(found[1]) == (10, 8, 2, 0.2, 16_250.0, 1_750_001 / 7, 0.5)
    assert measures(found[2]) == (1, 0, 0, 0.0, None, None, None)
    assert list(found[0]) == [column.name for column in queue_performance.TABLE.columns]


@pytest.mark.shows("S1-1")
def test_an_agents_day_by_hand():
    """Over all queues and none, and over the whole day; what no agent had part in is nobody's."""
    world = World()
    world.listed(genesys_agent.TABLE, "a", "Ann")
    found = agents(*BUSY, world=world)
    assert [(row["agent_id"], row["agent_name"]) for row in found] == [("a", "Ann"), ("b", None)]
    assert measures(found[0]) == (13, 9, 0, 0.0, 10_000.333333333334, 300_000.0, 6 / 9)
    assert measures(found[1]) == (0, 2, 0, None, 20_000.0, 125_000.5, 1.0)
    assert list(found[0]) == [column.name for column in agent_performance.TABLE.columns]


def test_a_rate_with_nothing_below_the_line_is_null():
    (row,) = queues(told("nOverSla", 1))
    assert measures(row) == (0, 0, 0, None, None, None, None)
    (row,) = queues(told("tAbandon", 1, 5))
    assert measures(row) == (0, 0, 1, None, None, None, 0.0)


def test_a_quarter_hour_of_after_call_work_alone_has_a_row_of_nothing_offered():
    """§6.9: only what no queue (no agent) was measured in has no row."""
    for (row,) in (queues(told("tAcw", 1, 1)), agents(told("tAcw", 1, 1))):
        assert measures(row) == (0, 0, 0, None, None, None, None)
    assert agents() == queues() == []


RENAMED = ((utc("2026-01-01T00:00"), "Old"), (utc("2026-03-10T10:20"), "New"), (utc("2026-03-11T00:00"), None))


@pytest.mark.parametrize(("quarter", "name"), [("00:00", "Old"), ("10:15", "Old"), ("10:30", "New")])
def test_a_queue_has_the_name_it_had_when_the_quarter_hour_began(quarter: str, name: str):
    world = World()
    world.listed(genesys_queue.TABLE, "q", *RENAMED)
    assert [row["queue_name"] for row in queues(told("nOffered", 1, quarter=quarter), world=world)] == [name]


def test_an_agent_has_the_name_of_the_days_beginning():
    world = World()
    world.listed(genesys_agent.TABLE, "a", *RENAMED)
    world.listed(genesys_agent.TABLE, "b", (utc("2026-03-10T00:00"), "Born at midnight"))
    found = agents(told("nOffered", 1, quarter="23:45"), told("nOffered", 1, agent_id="b"), world=world)
    assert [row["agent_name"] for row in found] == ["Old", "Born at midnight"]


def test_who_was_listed_later_has_its_first_name_before():
    """Listings begin when somebody first looked; a name that was there then is better than none (§6.4)."""
    world = World()
    later = ((utc("2026-04-01T00:00"), "First"), (utc("2026-05-01T00:00"), "Second"))
    world.listed(genesys_queue.TABLE, "q", *later)
    world.listed(genesys_agent.TABLE, "a", *later)
    assert [row["queue_name"] for row in queues(told("nOffered", 1), world=world)] == ["First"]
    assert [row["agent_name"] for row in agents(told("nOffered", 1), world=world)] == ["First"]


activity = st.lists(
    st.builds(
        lambda metric, count, total, quarter, queue, agent: told(
            metric, count, total if metric.startswith("t") else None, quarter=quarter, queue_id=queue, agent_id=agent
        ),
        st.sampled_from(["nOffered", "tAnswered", "tAbandon", "nOverSla", "tHandle", "tTalk", "nError"]),
        st.integers(0, 5),
        st.integers(0, 10**6),
        st.sampled_from(["00:00", "09:45", "23:45"]),
        st.none() | st.sampled_from(["q", "r"]),
        st.none() | st.sampled_from(["a", "b"]),
    ),
    max_size=12,
    unique_by=lambda row: tuple(row[name] for name in queue_activity.TABLE.key if name != "media_type"),
)


@given(activity, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_rows_in_any_order_are_the_same_and_nothing_of_a_queue_is_lost(rows: list[Row], shuffled: Any):
    names = World()
    names.listed(genesys_queue.TABLE, "q", *RENAMED)
    found = queues(*rows, world=names)
    other = list(rows)
    shuffled.shuffle(other)
    assert queues(*other, world=names) == found
    for measure, metric in (("offered", "nOffered"), ("answered", "tAnswered"), ("abandoned", "tAbandon")):
        counted = sum(row["count"] for row in rows if row["metric"] == metric and row["queue_id"] is not None)
        assert sum(row[measure] for row in found) == counted


def test_the_marts_follow_the_activity_and_are_built_again_when_a_late_name_may_have_come():
    for body in (queue_performance.BODY, agent_performance.BODY):
        assert body.follows == (queue_activity.TABLE,)
        assert body.looks_back


def test_names_of_agents_are_personal_and_names_of_queues_are_not():
    assert agent_performance.TABLE.column("agent_name").personal
    assert not queue_performance.TABLE.column("queue_name").personal
