"""One pace for one vendor org, over all threads and processes that share a folder.

Three limits, all released by the operating system when their holder dies: requests per minute (pyrate-limiter's SQLite bucket under
its file lock), requests at the same time (one locked file each), and the pause that the vendor last asked for (one small file).
"""

import contextlib
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from pyrate_limiter import Rate, RateItem, SQLiteBucket

from genesys_crm_assets.sources.errors import RateLimited

_log = logging.getLogger(__name__)

_WINDOW_MS = 61_000  # a minute, and a second for requests that spend unequal times on the wire
_SLOT_POLL_S = 0.05


class Limiter:
    """The limits of one org (P7, S2-30).

    Args:
        folder: where the locks live, one folder for each org; made if it is missing.
        requests_per_minute: for all holders of the folder together.
        max_concurrent: requests in flight at any moment, likewise.
        clock: wall time in seconds since 1970. It must move: limits run on real time, whatever day the data is of.
        sleep: waits for so many seconds.
        max_pause_s: a pause longer than this is not waited out but raised, so that a run can end and be scheduled again.
    """

    def __init__(  # noqa: PLR0913 — everything from outside comes in by name
        self,
        folder: Path,
        *,
        requests_per_minute: int,
        max_concurrent: int,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        max_pause_s: float = 300.0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._slots = [folder / f"slot-{number:03d}.lock" for number in range(max_concurrent)]
        self._pause = folder / "pause"
        self._pause_lock = folder / "pause.lock"
        self._clock = clock
        self._sleep = sleep
        self._max_pause_s = max_pause_s
        self._thread = threading.Lock()
        self._bucket = SQLiteBucket.init_from_file(
            [Rate(requests_per_minute, _WINDOW_MS)], table="requests", db_path=str(folder / "requests.sqlite"), use_file_lock=True
        )

    def now(self) -> float:
        """Seconds since 1970 by the clock that the pauses are kept in."""
        return self._clock()

    @contextlib.contextmanager
    def acquire(self, patience_s: float = math.inf) -> Iterator[float]:
        """Hold the right to send one request, and learn for how many seconds it was waited for.

        Raises:
            RateLimited: the vendor's pause, or our turn, is further away than allowed.
        """
        lock, waited = self._slot(patience_s)
        try:
            yield waited + self._turn(patience_s - waited)
        finally:
            lock.release()

    def penalise(self, until: float) -> None:
        """Nobody sends before `until` (seconds since 1970). A pause already set is only ever prolonged."""
        with FileLock(self._pause_lock):
            if until <= self._paused_until():
                return
            aside = self._pause.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
            aside.write_text(repr(until))
            aside.replace(self._pause)

    def close(self) -> None:
        """Let go of the bucket's file."""
        self._bucket.close()  # type: ignore[no-untyped-call]  # pyrate-limiter leaves it untyped

    def _paused_until(self) -> float:
        try:
            return float(self._pause.read_text())
        except (FileNotFoundError, ValueError):
            return 0.0

    def _slot(self, patience_s: float) -> tuple[FileLock, float]:
        waited = 0.0
        while True:
            for path in self._slots:
                lock = FileLock(path, thread_local=False, blocking=False)
                with contextlib.suppress(Timeout):
                    lock.acquire()
                    return lock, waited
            if waited >= patience_s:
                raise RateLimited("All requests that may run at the same time are running")
            self._sleep(_SLOT_POLL_S)
            waited += _SLOT_POLL_S

    def _turn(self, patience_s: float) -> float:
        """Wait until neither the pause nor the rate forbids a request. A pause set while we waited is seen, at the price of a turn."""
        waited = 0.0
        while True:
            pause = self._paused_until() - self.now()
            if pause > min(self._max_pause_s, patience_s - waited):
                raise RateLimited(f"The vendor asked for a pause of {math.ceil(pause)} more seconds", retry_after_s=pause)
            delay = pause if pause > 0 else self._take()
            if delay <= 0:
                if self._paused_until() <= self.now():
                    return waited
                continue
            if waited + delay > patience_s:
                raise RateLimited(f"Our turn is {math.ceil(delay)} seconds away")
            _log.debug("waiting %.3f s for our turn", delay)
            self._sleep(delay)
            waited += delay

    def _take(self) -> float:
        """Take a turn and return 0, or return the seconds until one may be free."""
        with self._thread:
            now = RateItem("request", int(self.now() * 1000))
            self._bucket.leak(now.timestamp)
            if self._bucket.put(now):
                return 0.0
            wait = self._bucket.waiting(now)
            return wait / 1000 if isinstance(wait, int) and wait > 0 else _SLOT_POLL_S
