"""Empty databases of one DuckDB: opening another DuckDB for every object took a fifth of a run's time.

What one session makes, no other sees: each has a database in memory of its own, which ends with it. After some sessions another DuckDB takes
over, since one gives memory back to the system only when it is closed, or as far as a session spares it. Not here: what is made there
(`session`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from itertools import count
from threading import Lock

import duckdb

_THRESHOLD = "allocator_bulk_deallocation_flush_threshold"
_SPARING = "64kB"

SESSIONS = 24
"""Sessions that one DuckDB serves: a run's hundred cost five openings, and closing one gave back 150 MiB after a baseline of 150,000 rows."""


def spare(engine: duckdb.DuckDBPyConnection) -> None:
    """Until its session ends, what DuckDB frees goes back to the system from 64 KiB on, not from 512 MiB.

    Counting for 36 releases over a year left 120 MiB behind without it, replaying 66,000 versions of Cases peaked a hundred higher. It costs
    such a body some tenths of a second, and a run whose every session spared a tenth of its time: only for what reads or makes a whole lake.
    """
    engine.execute(f"set {_THRESHOLD} = '{_SPARING}'")


class Engines:
    """Hands out connections to empty databases; safe for several threads.

    Args:
        connect: opens a DuckDB.
        sessions: how many of them one DuckDB serves.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]], sessions: int = SESSIONS) -> None:
        self._connect, self._sessions = connect, sessions
        self._numbers = count()
        self._lock = Lock()
        self._open = ExitStack()
        self._shared: duckdb.DuckDBPyConnection | None = None
        self._served = self._running = 0

    @contextmanager
    def empty(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection whose own database holds nothing yet."""
        name = f"session_{next(self._numbers)}"
        with self._cursor() as engine:
            try:
                engine.execute(f"attach ':memory:' as {name}")
                engine.execute(f"use {name}")
                yield engine
            finally:
                self._forget(engine, name)

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        with self._lock:
            # Closing a DuckDB ends every session in it, so it goes on while one is open.
            if self._shared is None or (self._served >= self._sessions and not self._running):
                self._let_go()
                self._shared = self._open.enter_context(self._connect())
                self._served = 0
            self._served += 1
            self._running += 1
            return closing(self._shared.cursor())

    def _forget(self, engine: duckdb.DuckDBPyConnection, name: str) -> None:
        with self._lock:
            self._running -= 1
            try:
                engine.execute("use memory")
                engine.execute(f"detach {name}")
                engine.execute(f"reset {_THRESHOLD}")
            except duckdb.Error:
                # One that met with a fatal error answers nothing any more; whoever comes next gets another.
                self._let_go()

    def _let_go(self) -> None:
        self._shared = None
        with suppress(duckdb.Error):
            self._open.close()
