"""Empty databases of one DuckDB: opening another DuckDB for every object took a fifth of a run's time.

What one session makes, no other sees: each has a database in memory of its own, which ends with it. Not here: what is made there (`session`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from itertools import count
from threading import Lock

import duckdb


class Engines:
    """Hands out connections to empty databases; safe for several threads.

    Args:
        connect: opens a DuckDB.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]) -> None:
        self._connect = connect
        self._numbers = count()
        self._lock = Lock()
        self._open = ExitStack()
        self._shared: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def empty(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection whose own database holds nothing yet."""
        name = f"session_{next(self._numbers)}"
        with self._cursor() as engine:
            engine.execute(f"attach ':memory:' as {name}")
            engine.execute(f"use {name}")
            try:
                yield engine
            finally:
                self._forget(engine, name)

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        with self._lock:
            if self._shared is None:
                self._shared = self._open.enter_context(self._connect())
            return closing(self._shared.cursor())

    def _forget(self, engine: duckdb.DuckDBPyConnection, name: str) -> None:
        try:
            engine.execute("use memory")
            engine.execute(f"detach {name}")
        except duckdb.Error:
            # A DuckDB that met with a fatal error answers nothing any more; whoever comes next gets another.
            with self._lock, suppress(duckdb.Error):
                self._shared = None
                self._open.close()
