"""Lag is computed from papers, so no crash loses it."""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.lake import lag
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets_tests.lake.toys import ADD_UP, BUYERS, FIRST, ORDERS, SECOND, TAKINGS, THIRD, WHO_BOUGHT, ToyLake

RETURNS = replace(ORDERS, name="staging_returns")
GATHERS = Body(reads=(Read(ORDERS, "onward"),), sql=ADD_UP.sql, follows=(ORDERS,), gathers=ORDERS)


@dataclass(frozen=True)
class Counting(Folder):
    """A lake that notes which tables were listed."""

    listed: list[str] = field(default_factory=list)

    def days(self, table: Table) -> list[date]:
        """As any lake."""
        self.listed.append(table.name)
        return super().days(table)


def _starts(**digests: tuple[str, str]) -> dict[str, str]:
    """The paper `starts`: of a day (`d1`), when it was received and the digest of what is held of it."""
    told = {f"2026-01-0{name[1:]}": {"received_at": received, "digest": digest} for name, (received, digest) in digests.items()}
    return {"starts": json.dumps(told)}


def _lagging(toys: ToyLake, body: Body = ADD_UP) -> list[int]:
    return [day.day for day in lag.lagging(toys.storage, TAKINGS, body)]


def test_a_day_lags_until_it_is_built_and_again_when_its_source_changes(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    toys.orders(SECOND, ("a", 1))
    assert _lagging(toys) == [1, 2]
    for day in (FIRST, SECOND):
        toys.build(TAKINGS, ADD_UP, day)
    assert _lagging(toys) == []
    toys.orders(FIRST, ("a", 2))
    assert _lagging(toys) == [1]
    toys.build(TAKINGS, ADD_UP, FIRST)
    assert _lagging(toys) == []


@pytest.mark.shows("S0-15")
def test_a_source_that_was_read_again_and_says_the_same_makes_nothing_lag(toys: ToyLake):
    toys.orders(FIRST, ("a", 1), run_id="one")
    toys.build(TAKINGS, ADD_UP, FIRST)
    toys.orders(FIRST, ("a", 1), run_id="two")
    assert _lagging(toys) == []


def test_a_source_whose_vendor_was_read_again_makes_its_followers_lag(toys: ToyLake):
    """A CRM day may say the same and still have been read further; whether a telling's history was read after it depends on that (§6.4)."""
    toys.orders(FIRST, ("a", 1), papers={"reads": "[1]"})
    toys.build(TAKINGS, ADD_UP, FIRST)
    toys.orders(FIRST, ("a", 1), papers={"reads": "[1, 2]"})
    assert _lagging(toys) == [1]


def test_a_day_whose_source_is_not_there_yet_does_not_lag(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    both = replace(ADD_UP, follows=(ORDERS, RETURNS))
    assert _lagging(toys, both) == []


def test_tables_that_follow_nothing_or_have_no_days_never_lag(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    assert lag.lagging(toys.storage, BUYERS, WHO_BOUGHT) == []
    assert lag.lagging(toys.storage, ORDERS, Body(reads=())) == []


@pytest.mark.shows("S2-27")
def test_a_staged_day_lags_when_a_later_day_tells_of_it(toys: ToyLake):
    """§4: landing D touches exactly the days of beginning of which it tells something else than before."""
    toys.orders(FIRST, papers=_starts(d1=("t1", "x")))
    toys.orders(SECOND, papers=_starts(d2=("t2", "y")))
    for day in (FIRST, SECOND):
        toys.build(TAKINGS, GATHERS, day)
    assert _lagging(toys, GATHERS) == []
    toys.orders(THIRD, papers=_starts(d1=("t3", "late"), d3=("t3", "z")))
    assert _lagging(toys, GATHERS) == [1, 3]
    for day in (FIRST, THIRD):
        toys.build(TAKINGS, GATHERS, day)
    assert _lagging(toys, GATHERS) == []
    toys.orders(THIRD, papers=_starts(d3=("t3", "z")))
    assert _lagging(toys, GATHERS) == [1]


def test_the_order_in_which_days_were_received_counts(toys: ToyLake):
    """Of several tellings the last received wins, so the same tellings received the other way round may be another day."""
    toys.orders(FIRST, papers=_starts(d1=("t1", "x")))
    toys.orders(SECOND, papers=_starts(d1=("t2", "y"), d2=("t2", "z")))
    for day in (FIRST, SECOND):
        toys.build(TAKINGS, GATHERS, day)
    toys.orders(SECOND, papers=_starts(d1=("t4", "y"), d2=("t4", "z")))
    assert _lagging(toys, GATHERS) == []
    toys.orders(FIRST, papers=_starts(d1=("t5", "x")))
    assert _lagging(toys, GATHERS) == [1]


def test_what_is_told_again_unchanged_makes_nothing_lag(toys: ToyLake):
    """A conversation without an end is told every day for ever; each day would be built again every night, and a night would cost a year."""
    toys.orders(FIRST, papers=_starts(d1=("t1", "x")))
    toys.orders(SECOND, papers=_starts(d1=("t2", "y")))
    toys.build(TAKINGS, GATHERS, FIRST)
    toys.orders(THIRD, papers=_starts(d1=("t3", "y")))
    assert FIRST.day not in _lagging(toys, GATHERS)
    assert lag.holding(toys.storage, ORDERS, FIRST) == [FIRST, THIRD], "the last received says what both would"


def test_what_is_told_again_after_something_else_counts_again(toys: ToyLake):
    """The last telling wins, so an old one that is told once more is news."""
    toys.orders(FIRST, papers=_starts(d1=("t1", "x")))
    toys.orders(SECOND, papers=_starts(d1=("t2", "y")))
    toys.build(TAKINGS, GATHERS, FIRST)
    toys.orders(THIRD, papers=_starts(d1=("t3", "x")))
    assert FIRST.day in _lagging(toys, GATHERS)


@given(
    tellings=st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 2), max_size=3), min_size=1, max_size=5),
    new=st.dictionaries(st.sampled_from("abc"), st.integers(1, 2), max_size=3),
)
def test_nothing_lags_exactly_where_the_last_tellings_are_those_of_before(tellings: list[dict[str, int]], new: dict[str, int]):
    """Of each thing the last telling wins: where a fingerprint stays as it was, every winner does."""

    def fingerprint(told: list[dict[str, int]]) -> list[str]:
        held = [lag._Held(f"t{place}", FIRST, str(sorted(one.items()))) for place, one in enumerate(told) if one]
        return [one.digest for one in lag._each_once(held)]

    def winners(told: list[dict[str, int]]) -> dict[str, int]:
        return {thing: said for one in told for thing, said in one.items()}

    if fingerprint(tellings) == fingerprint([*tellings, new]):
        assert winners(tellings) == winners([*tellings, new])
    if new in tellings[-1:]:
        assert fingerprint(tellings) == fingerprint([*tellings, new])


def test_what_is_not_there_has_no_stamp(toys: ToyLake):
    assert lag.stamp(toys.storage, ORDERS, FIRST) == ""


AWAITS = replace(
    ADD_UP,
    awaits=(ORDERS, RETURNS),
    marks=(("settled", "select case when max(cents) > 100 then 'true' else 'staging_orders,staging_returns' end from result"),),
)


def test_an_unsettled_object_lags_when_something_it_awaits_changes_on_any_day(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    toys.orders(SECOND, ("a", 1))
    for day in (FIRST, SECOND):
        toys.build(TAKINGS, AWAITS, day)
    assert _lagging(toys, AWAITS) == []
    toys.orders(THIRD, ("a", 1))
    assert _lagging(toys, AWAITS) == [1, 2, 3]


def test_a_settled_object_follows_its_own_day_only(toys: ToyLake):
    """Else every day there ever was would be built again for every day that lands."""
    toys.orders(FIRST, ("a", 101))
    toys.build(TAKINGS, AWAITS, FIRST)
    toys.orders(SECOND, ("a", 1))
    toys.orders(THIRD, ("a", 1))
    assert _lagging(toys, AWAITS) == [2, 3]
    toys.orders(FIRST, ("a", 102))
    assert _lagging(toys, AWAITS) == [1, 2, 3]


def test_what_later_objects_hold_of_days_up_to_an_unsettled_one_is_all_it_awaits_of_them(toys: ToyLake):
    """Where objects say what they hold of which day, a landing touches those days only whose conversations it tells of."""
    toys.orders(FIRST, papers=_starts(d1=("t1", "x")))
    toys.orders(SECOND, papers=_starts(d2=("t2", "y")))
    for day in (FIRST, SECOND):
        toys.build(TAKINGS, AWAITS, day)
    toys.orders(THIRD, papers=_starts(d3=("t3", "z")))
    assert _lagging(toys, AWAITS) == [3]
    toys.orders(THIRD, papers=_starts(d2=("t3", "late"), d3=("t3", "z")))
    assert _lagging(toys, AWAITS) == [2, 3]


def test_each_table_is_listed_once_however_many_days_are_judged(toys: ToyLake):
    """A year is judged in the time of its days, not of its days times its days (P9)."""
    for day in (FIRST, SECOND, THIRD):
        toys.orders(day, papers=_starts(d1=(f"t{day.day}", f"x{day.day}")))
        toys.build(TAKINGS, GATHERS, day)
    counting = Counting(toys.storage.root, toys.storage.locks, toys.storage.failpoints)
    assert lag.lagging(counting, TAKINGS, replace(GATHERS, awaits=(ORDERS,))) == [FIRST]
    assert counting.listed == ["staging_orders"]


def test_an_upstream_replaced_while_the_body_looks_leaves_the_object_lagging(toys: ToyLake):
    """The other way round the old rows would carry the new stamp, and never be rebuilt."""
    toys.orders(FIRST, ("a", 5))

    def slow(session: Any, _day: Any) -> Any:
        found = session.sql("select 'EUR' as currency, coalesce(sum(cents), 0) as cents from staging.staging_orders").to_arrow_table()
        toys.orders(FIRST, ("a", 5), ("b", 7))
        return found

    toys.build(TAKINGS, replace(ADD_UP, sql=None, python=slow), FIRST)
    assert toys.read(TAKINGS, FIRST)[0]["cents"] == 5
    assert lag.lagging(toys.storage, TAKINGS, ADD_UP) == [FIRST]
