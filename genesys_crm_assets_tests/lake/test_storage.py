"""Objects appear whole or not at all, and locks die with their holder."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.errors import PartitionBusy, TransientLakeError
from genesys_crm_assets_tests.lake.toys import BUYERS, FIRST, ORDERS, SECOND, THIRD, ToyLake


class Killed(BaseException):
    """Stands for SIGKILL where a test wants to look at what is left."""


def _die() -> None:
    raise Killed


def _hold(root: Path, held: "multiprocessing.synchronize.Event") -> None:
    with ToyLake(root).storage.held(ORDERS, FIRST):
        held.set()
        signal.pause()


def test_days_are_those_that_have_an_object(toys: ToyLake):
    toys.orders(THIRD, ("a", 1))
    toys.orders(FIRST)
    assert toys.storage.days(ORDERS) == [FIRST, THIRD]
    assert toys.storage.exists(layout.object_key(ORDERS, layout.CONTRACT_DAY))
    assert toys.storage.days(BUYERS) == []


def test_what_lies_aside_never_matches_a_table(toys: ToyLake):
    """§4: nothing but finished objects ever matches the pattern, whatever a killed run left behind."""
    aside = toys.orders_aside(FIRST, ("a", 1))
    assert aside.path.is_file()
    assert not aside.path.is_relative_to(toys.storage.root / layout.folder(ORDERS))
    assert toys.storage.days(ORDERS) == []
    toys.warehouse.refresh()
    with toys.warehouse.open() as reader:
        assert reader.execute("select count(*) from staging.staging_orders").fetchall() == [(0,)]


def test_what_a_killed_run_left_aside_is_overwritten_by_the_next(toys: ToyLake):
    left = toys.orders_aside(FIRST, ("a", 1)).path
    left.write_bytes(b"half a file")
    made = toys.orders(FIRST, ("b", 2))
    assert made.path == left
    assert not left.exists()
    assert [row["order_id"] for row in toys.read(ORDERS, FIRST)] == ["b"]


@pytest.mark.parametrize(("moment", "stands"), [("before", "old"), ("after", "new")])
def test_dying_at_the_rename_leaves_the_old_object_or_the_new(moment: str, stands: str, tmp_path: Path):
    ToyLake(tmp_path).orders(FIRST, ("old", 1))
    dying = ToyLake(tmp_path, die=_die, failpoint=f"object.rename:{moment}")
    made = dying.orders_aside(FIRST, ("new", 1))
    with pytest.raises(Killed):
        dying.builder().publish(made)
    assert [row["order_id"] for row in ToyLake(tmp_path).read(ORDERS, FIRST)] == [stands]


def test_an_object_that_is_being_replaced_can_still_be_read(toys: ToyLake):
    """A reader that opened the old object keeps it: the file is replaced, not written into."""
    toys.orders(FIRST, ("old", 1))
    with toys.path(ORDERS, FIRST).open("rb") as reader:
        before = reader.read()
        toys.orders(FIRST, ("new", 1))
        reader.seek(0)
        assert reader.read() == before
    assert toys.storage.size(layout.object_key(ORDERS, FIRST)) == toys.path(ORDERS, FIRST).stat().st_size


def test_two_builds_of_one_day_wait_for_each_other_and_two_days_do_not(tmp_path: Path):
    toys = ToyLake(tmp_path, patience=0.05)
    with toys.storage.held(ORDERS, FIRST):
        with toys.storage.held(ORDERS, SECOND), toys.storage.held(BUYERS, None):
            pass
        with (
            pytest.raises(PartitionBusy, match="staging_orders 2026-01-01 is being built by another run") as refused,
            toys.storage.held(ORDERS, FIRST),
        ):
            pass
    assert isinstance(refused.value, TransientLakeError)
    with toys.storage.held(ORDERS, FIRST):
        pass


def test_a_lock_dies_with_its_holder(tmp_path: Path):
    """F-75: a lock file that outlives its process would block the day for ever."""
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, held))
    holder.start()
    assert held.wait(30)
    busy = ToyLake(tmp_path, patience=0.05)
    with pytest.raises(PartitionBusy), busy.storage.held(ORDERS, FIRST):
        pass
    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join(10)
    with busy.storage.held(ORDERS, FIRST):
        pass


def test_two_first_runs_lay_the_contract_file_without_treading_on_each_other(tmp_path: Path):
    """Both write it aside under the same name; without a lock one would publish what the other is still writing."""
    toys = ToyLake(tmp_path)
    with toys.storage.held(ORDERS, layout.CONTRACT_DAY):
        waiting = ToyLake(tmp_path, patience=0.05)
        with pytest.raises(PartitionBusy):
            waiting.orders_aside(FIRST, ("a", 1))
    toys.orders_aside(FIRST, ("a", 1))
    assert toys.read(ORDERS, layout.CONTRACT_DAY) == []
