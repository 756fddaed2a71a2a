import signal
import subprocess
import sys
import threading
import time as real_time
from itertools import pairwise
from pathlib import Path

import pytest

from genesys_crm_assets.sources.errors import RateLimited
from genesys_crm_assets.sources.pacing import Limiter
from genesys_crm_assets_tests.sources.scripted_time import Time, limiter


@pytest.mark.shows("S0-29", "S2-29", "S2-30")
def test_two_holders_of_one_folder_together_keep_the_requests_per_minute(tmp_path: Path):
    """P7: the limit is the org's, not the process's."""
    time = Time()
    holders = [limiter(time, tmp_path, per_minute=10) for _ in range(2)]
    sent = []
    for number in range(35):
        with holders[number % 2].acquire():
            sent.append(time.monotonic())
    assert all(later - earlier > 60 for earlier, later in zip(sent, sent[10:], strict=False))
    assert sent[-1] < 4 * 62


@pytest.mark.shows("S2-30", "S0-31")
def test_a_pause_that_one_was_told_holds_back_all(tmp_path: Path):
    """O6: never a request inside a Retry-After window."""
    time = Time()
    one, other = limiter(time, tmp_path), limiter(time, tmp_path)
    one.penalise(time.wall() + 8)
    one.penalise(time.wall() + 3)
    with other.acquire() as waited:
        assert waited == pytest.approx(8)
    with one.acquire() as waited:
        assert waited == 0


def test_a_pause_longer_than_patience_is_raised_and_not_slept(tmp_path: Path):
    time = Time()
    holder = limiter(time, tmp_path, max_pause_s=300)
    holder.penalise(time.wall() + 86_400)
    with pytest.raises(RateLimited, match="86400 more seconds") as caught, holder.acquire():
        pass
    assert caught.value.retry_after_s == pytest.approx(86_400)
    assert time.slept == []


def test_a_pause_file_that_cannot_be_read_pauses_nobody(tmp_path: Path):
    time = Time()
    holder = limiter(time, tmp_path)
    (tmp_path / "pause").write_text("soon")
    with holder.acquire() as waited:
        assert waited == 0


@pytest.mark.shows("S0-30")
def test_no_more_requests_run_at_once_than_allowed(tmp_path: Path):
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        holder = Limiter(tmp_path, requests_per_minute=1000, max_concurrent=3, clock=real_time.time, sleep=real_time.sleep)
        for _ in range(3):
            with holder.acquire():
                with lock:
                    running += 1
                    most = max(most, running)
                real_time.sleep(0.01)
                with lock:
                    running -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert 1 < most <= 3


def test_a_slot_that_stays_taken_tries_the_patience_of_the_hasty(tmp_path: Path):
    time = Time()
    holder = limiter(time, tmp_path, concurrent=1)
    with holder.acquire(), pytest.raises(RateLimited), holder.acquire(patience_s=1.0):
        pass
    assert sum(time.slept) == pytest.approx(1.0)
    assert all(pause == pytest.approx(0.05) for pause in time.slept)


@pytest.mark.shows("S0-30")
def test_a_slot_dies_with_its_holder(tmp_path: Path):
    """F-75: no lease to wait for after a kill -9."""
    code = (
        "import sys, time; from pathlib import Path; from genesys_crm_assets.sources.pacing import Limiter\n"
        "limiter = Limiter(Path(sys.argv[1]), requests_per_minute=9, max_concurrent=1, clock=time.time, sleep=time.sleep)\n"
        "with limiter.acquire():\n    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)  # noqa: S603 — our own code
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        time = Time()
        ours = limiter(time, tmp_path, concurrent=1)
        with pytest.raises(RateLimited), ours.acquire(patience_s=0.2):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        with ours.acquire() as waited:
            assert waited == 0
    finally:
        holder.kill()
        holder.wait(10)


def test_turns_are_taken_evenly_once_the_minute_is_full(tmp_path: Path):
    time = Time()
    holder = limiter(time, tmp_path, per_minute=2)
    sent = []
    for _ in range(6):
        with holder.acquire():
            sent.append(time.monotonic())
        time.passed += 1
    assert all(later >= earlier for earlier, later in pairwise(sent))
    assert sent[2] >= 61
    assert sent[4] >= 122


@pytest.mark.shows("S0-29", "S2-30")
def test_processes_share_what_is_left_of_the_minute(tmp_path: Path):
    """P7: real processes, real time; each takes what it can get without waiting."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from genesys_crm_assets.sources.errors import RateLimited; from genesys_crm_assets.sources.pacing import Limiter\n"
        "limiter = Limiter(Path(sys.argv[1]), requests_per_minute=20, max_concurrent=2, clock=time.time, sleep=time.sleep)\n"
        "taken = 0\n"
        "try:\n    while True:\n        with limiter.acquire(patience_s=0.5): taken += 1\n"
        "except RateLimited: print(taken)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    holders = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603 — our own code
    assert sum(int(holder.communicate(timeout=30)[0]) for holder in holders) == 20
