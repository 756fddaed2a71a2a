"""Same tellings, same tables: any order of days, any number of runs, one process or two, as days pass or all at once (P3)."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import THREAD, House

DAYS = [house.FIRST, house.SECOND]
_SECONDS = 180


@pytest.mark.shows("S0-14", "S0-15", "S1-25")
def test_days_in_any_order_and_again_give_the_tables_of_one_range(empty: House, undisturbed: House):
    """Each run a minute later than the one before, so that pages are received in another order than the days have."""
    days = [*DAYS, *DAYS]
    random.Random(5).shuffle(days)
    lake = empty
    for number, day in enumerate([house.SECOND, *days]):
        lake = lake.at(house.moment(empty) + timedelta(minutes=number))
        ran = lake.run([day], THREAD)
        assert ran.success, ran.reasons
    assert lake.dumps(THREAD) == undisturbed.dumps(THREAD)


@pytest.mark.shows("S0-15", "S1-25")
def test_two_processes_on_the_same_days_at_once_give_the_tables_of_one(empty: House, undisturbed: House):
    """F-73: in an empty lake both write contracts, pages, objects and the warehouse at the same moment."""
    both = [house.child(empty, DAYS, THREAD) for _ in range(2)]
    for process in both:
        process.join(_SECONDS)
    assert [process.exitcode for process in both] == [0, 0]
    assert empty.dumps(THREAD) == undisturbed.dumps(THREAD)


@pytest.mark.slow
@pytest.mark.shows("S0-15", "S1-25")
def test_the_whole_graph_in_two_processes_and_again_says_the_same(empty: House, undisturbed: House):
    both = [house.child(empty, days) for days in (DAYS, DAYS[1:])]
    for process in both:
        process.join(_SECONDS)
    assert [process.exitcode for process in both] == [0, 0]
    again = empty.run(DAYS)
    assert again.success, again.reasons
    assert empty.dumps() == undisturbed.dumps()


@pytest.mark.slow
@pytest.mark.shows("S0-14", "S0-33", "S0-63", "S1-25")
@pytest.mark.parametrize(("order", "also"), [((0, 1, 2), "today"), ((0, 2, 1, 3), "nothing"), ((1, 0, 2, 3), "nothing")])
def test_a_lake_that_grew_day_by_day_is_the_lake_that_its_raw_tables_make(order: tuple[int, ...], also: str, tmp_path: Path):
    """The strongest form of P3: whatever happened in between, tables are what raw says; here vendors go on while days are landed.

    Where `today` is read too, every run finds a day under way that the next one finds complete.
    """
    days = [house.FIRST + timedelta(days=number) for number in range(4)]
    with running(Plan(seed=3, start=house.FIRST, days=1, per_day=60, job_seconds=0.0)) as vendors:
        lake = house.of(tmp_path / "grown", vendors)
        for place in order:
            vendors.advance(max(vendors.now, house.noon_after(days[place])))
            lake = lake.at(vendors.now)
            ran = lake.run([days[place], vendors.now.date()] if also == "today" else [days[place]])
            assert ran.success, ran.reasons
    anew = lake.copied(tmp_path / "anew", "raw")
    ran = anew.run(days, house.after_raw())
    assert ran.success, ran.reasons
    assert lake.dumps() == anew.dumps()


@pytest.mark.slow
@pytest.mark.shows("S0-62", "S0-63")
def test_yesterday_alone_gives_the_links_of_a_lake_that_saw_every_day(tmp_path: Path):
    """The CRM goes on while days pass; who starts only now is told the same in one baseline."""
    days = [house.FIRST + timedelta(days=number) for number in range(4)]
    with running(Plan(seed=5, start=house.FIRST, days=1, per_day=60, job_seconds=0.0)) as vendors:
        patient, late = house.of(tmp_path / "patient", vendors), house.of(tmp_path / "late", vendors)
        for day in days[1:]:
            patient = patient.at(vendors.now)
            ran = patient.run([day - timedelta(days=1), day])
            assert ran.success, ran.reasons
            vendors.advance(house.noon_after(day))
        for lake, asked in ((patient, [*days, vendors.now.date()]), (late, days[-1:])):
            ran = lake.at(vendors.now).run(asked)
            assert ran.success, ran.reasons
    whole, alone = house.links(patient, days[-1]), house.links(late, days[-1])
    shared = [key for key in alone if key in whole and alone[key][-1] == whole[key][-1]]
    assert len(shared) > 30
    assert {key: alone[key] for key in shared} == {key: whole[key] for key in shared}
