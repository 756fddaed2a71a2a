"""Dying anywhere: SIGKILL inside each named durable step, and the next run starts at once and ends with the same tables (P3, F-70)."""

import os
import signal
import time
from pathlib import Path

import pytest

from genesys_crm_assets.lake.durable import STEPS
from genesys_crm_assets.sandbox.faults import Rule
from genesys_crm_assets.sandbox.server import Sandbox
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import THREAD, House

DAYS = [house.FIRST, house.SECOND]
_DEATH_SECONDS = 180
_START_SECONDS = 10

_DEEP = {
    "object.write_aside": 30,
    "object.rename": 30,
    "contract.write_aside": 9,
    "contract.rename": 9,
    "journal.append": 2,
    "journal.discard": 2,
}
"""Which occurrence to die in: somewhere in the middle of the graph."""


def killed(lake: House, tables: tuple[str, ...], failpoint: str) -> None:
    process = house.child(lake, DAYS, tables, failpoint=failpoint)
    process.join(_DEATH_SECONDS)
    assert process.exitcode == -signal.SIGKILL, f"the run went on past {failpoint}: {process.exitcode}"


def made_good(lake: House, tables: tuple[str, ...], undisturbed: House) -> None:
    again = lake.run(DAYS, tables)
    assert again.success, again.reasons
    assert again.first_proof_s is not None
    assert again.first_proof_s < _START_SECONDS
    assert lake.dumps(tables) == undisturbed.dumps(tables)


@pytest.mark.shows("S0-15", "S1-25")
@pytest.mark.parametrize("failpoint", ["journal.append:after:1", "object.rename:before:6"])
def test_a_run_killed_on_its_way_is_made_good_by_the_next(failpoint: str, empty: House, undisturbed: House):
    """The thin thread holds most kinds of step; the whole graph dies in every step in the slow tests."""
    killed(empty, THREAD, failpoint)
    made_good(empty, THREAD, undisturbed)


@pytest.mark.slow
@pytest.mark.shows("S0-15", "S1-25", "S2-26")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_sigkill_inside_any_durable_step_of_the_whole_graph_changes_no_table(step: str, when: str, empty: House, undisturbed: House):
    killed(empty, (), f"{step}:{when}:{_DEEP.get(step, 1)}")
    made_good(empty, (), undisturbed)


@pytest.mark.shows("S2-26")
def test_a_run_killed_while_it_waits_for_an_answer_holds_nothing_up(empty: House, vendors: Sandbox):
    """The slot of the limiter and the lock on the day are the operating system's, and die with their holder (F-75)."""
    only = {**empty.variables, "GENESYS_MAX_CONCURRENT_REQUESTS": "1"}
    narrow = House(empty.folder, only)
    slow = Rule({"vendor": "genesys", "path": "details/jobs", "times": 1}, {"delay": 8.0})
    with house.troubled(vendors, slow):
        process = house.child(narrow, DAYS, THREAD[:1])
        deadline = time.monotonic() + _DEATH_SECONDS
        while not slow.fired and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    again = narrow.run(DAYS[:1], THREAD[:1])
    assert again.success, again.reasons
    assert again.first_proof_s is not None
    assert again.first_proof_s < _START_SECONDS


@pytest.mark.shows("S2-21", "S2-26", "S2-45")
def test_pages_that_had_arrived_before_a_kill_are_not_asked_for_again(empty: House, vendors: Sandbox):
    """The journal outlives the worker: all pages of the first day were there, so the next run asks nothing about it."""
    killed(empty, THREAD[:1], "object.write_aside:before:1")
    asked_before = len(vendors.requests)
    assert empty.run(DAYS[:1], THREAD[:1]).success
    asked = [seen.path for seen in vendors.requests[asked_before:] if "details/jobs" in seen.path and "availability" not in seen.path]
    assert not asked


def test_what_a_killed_run_leaves_behind_is_never_taken_for_data(empty: House, tmp_path: Path):
    """O7: the file written aside lies under no table's pattern, and the next run writes over it."""
    killed(empty, THREAD[:1], "object.write_aside:after:1")
    assert not empty.objects()
    left = list((tmp_path / "lake" / ".aside").iterdir())
    assert [path.name for path in left] == [f"raw_genesys_interactions.{house.FIRST}.parquet"]
    assert empty.run(DAYS[:1], THREAD[:1]).success
    assert not list((tmp_path / "lake" / ".aside").iterdir())
