"""At the turn of the year cases are logged hours after the conversation: S0-66's missing links."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.world import World

START = date(2026, 12, 28)
SLOW = datetime(2026, 12, 30, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC)
NOW = clock.midnight(START) + 9 * clock.DAY
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def world() -> World:
    """Eight days around the turn of a year."""
    drawn = World(4, START, 8, 300)
    drawn.ensure(NOW)
    return drawn


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def late(world: World):
    created = {row["Id"]: moment(clock.parse(row["CreatedDate"])) for row in world.tables(NOW)["Case"]}
    for conversation_id, truth in world.truth(NOW).items():
        if truth.how == "created_late":
            yield world.by_id[conversation_id], truth, created[truth.case_id]


def test_a_case_is_logged_two_to_twenty_two_hours_after_the_conversation_it_was_born_of(world: World):
    found = list(late(world))
    assert len(found) > 100
    skew = timedelta(minutes=10)
    for conversation, _, created in found:
        start = moment(conversation.start)
        end = min(moment(conversation.end) if conversation.end else start + 20 * HOUR, start + 20 * HOUR)
        assert SLOW[0] <= start < SLOW[1]
        assert end + 2 * HOUR - skew <= created <= end + 22 * HOUR + skew
    assert sum(moment(one.start).date() == date(2026, 12, 31) and at.date() == date(2027, 1, 1) for one, _, at in found) > 10


def test_such_a_case_is_out_of_the_usual_reach_and_nobody_could_tell_its_id(world: World):
    assert not any(truth.reachable or truth.told_case_id for _, truth, _ in late(world))


def test_a_window_of_a_day_reaches_every_one_of_them(world: World):
    """What the configured period promises (S0-67): s - 24 h <= c <= e + 24 h, e at most s + 24 h."""
    for conversation, _, created in late(world):
        start = moment(conversation.start)
        end = min(moment(conversation.end), start + 24 * HOUR) if conversation.end else start
        assert start - 24 * HOUR <= created
        assert created <= end + 24 * HOUR or conversation.end is None


def test_before_and_after_cases_are_born_meanwhile(world: World):
    how = Counter()
    for conversation_id, truth in world.truth(NOW).items():
        how[SLOW[0] <= moment(world.by_id[conversation_id].start) < SLOW[1], truth.how] += 1
    assert how[False, "created_late"] == 0
    assert how[False, "created"] > 100
    # Only conversations so long that even such a case falls into them.
    assert how[True, "created"] < how[True, "created_late"] / 5


@pytest.mark.parametrize("start", [date(2026, 1, 1), date(2026, 1, 3)])
def test_a_world_that_begins_with_the_year_knows_nothing_of_it(start: date):
    """The calendar's default first day is a 1 January: such worlds are ordinary ones."""
    plain = World(4, start, 2, 100)
    now = clock.midnight(start) + 3 * clock.DAY
    plain.ensure(now)
    assert "created_late" not in {truth.how for truth in plain.truth(now).values()}
