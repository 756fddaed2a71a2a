"""The one seam between tables and the place they lie in: here, a folder.

Objects appear whole or not at all: written aside on the same file system, synced, renamed. Only this module knows that the lake is a
folder. Not here: what objects hold (`parquet`) or what they are called (`layout`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.durable import Failpoints
from genesys_crm_assets.lake.errors import LocationRefused, PartitionBusy
from genesys_crm_assets.lake.footers import Footers
from genesys_crm_assets.lake.table import Table


@dataclass(frozen=True)
class Folder:
    """A lake in a local folder.

    Attributes:
        root: absolute path of the lake.
        locks: absolute path of the folder of OS-level locks; they die with their holder (F-75).
        failpoints: armed in tests only.
        patience_seconds: how long a build waits for another build of the same table and day.
    """

    root: Path
    locks: Path
    failpoints: Failpoints
    patience_seconds: float = 600.0

    def url(self, key: str) -> str:
        """The absolute address of a key, as DuckDB reads it; `LocationRefused` where it would leave the lake."""
        # As text: asked thousands of times in a run.
        path = os.path.realpath(os.path.join(self._home, key)) if "\0" not in key else ""  # noqa: PTH118 - as said above
        if path != self._home and not path.startswith(f"{self._home}/"):
            raise LocationRefused(f"{key!r} lies outside the lake; check the table's name and day")
        return path

    @cached_property
    def _home(self) -> str:
        return os.path.realpath(self.root)

    def exists(self, key: str) -> bool:
        """Whether a finished object stands at the key."""
        return Path(self.url(key)).is_file()

    def size(self, key: str) -> int:
        """Bytes of the object at the key."""
        return Path(self.url(key)).stat().st_size

    def days(self, table: Table) -> list[date]:
        """The days a table has an object for, in order; the contract file is none of them."""
        root = f"{self.root}/{layout.folder(table)}/"
        found = (
            day for year in _entries(root) for month in _entries(f"{root}{year}/") for day in _days_in(root, f"{year}/{month}/", table.name)
        )
        return sorted({*found} - {layout.CONTRACT_DAY})

    @cached_property
    def footers(self) -> Footers:
        """What objects say of themselves, as last looked at."""
        return Footers(self.url(""), self.locks.parent / "papers")

    def aside(self, table: Table, day: date | None) -> Path:
        """Where an object is written before it is checked.

        Never matched by a table's pattern; the same name for the same object, so that what a killed run left is overwritten by the next.
        """
        path = self.root / ".aside" / f"{_stem(table, day)}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def publish(self, aside: Path, key: str, *, step: str = "object.rename") -> None:
        """Replace the object at the key by the file written aside, atomically and durably."""
        target = Path(self.url(key))
        new = [folder for folder in target.parents if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("rb") as finished:
            os.fsync(finished.fileno())
        with self.failpoints.step(step):
            aside.replace(target)
            for folder in (target.parent, *(folder.parent for folder in new)):
                _sync_folder(folder)

    @contextmanager
    def held(self, table: Table, day: date | None) -> Iterator[None]:
        """Hold the lock on (table, day); `PartitionBusy` when its holder does not let go in time."""
        self.locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self.locks / f"{_stem(table, day)}.lock"))
        try:
            lock.acquire(timeout=self.patience_seconds)
        except Timeout as busy:
            message = f"{table.name} {day or ''} is being built by another run for over {self.patience_seconds:.0f} s; try again when it has ended"
            raise PartitionBusy(message) from busy
        try:
            yield
        finally:
            lock.release()


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - as below
    except (FileNotFoundError, NotADirectoryError):
        return []


def _days_in(root: str, month: str, name: str) -> Iterator[date]:
    # A table is listed many times in a run and has a folder for each day; matching a pattern takes five times as long.
    for entry in _entries(root + month):
        key = f"{month}{entry}/{name}.parquet"
        day = layout.day_of(key)
        if day is not None and os.path.isfile(root + key):  # noqa: PTH113 - likewise
            yield day


def _stem(table: Table, day: date | None) -> str:
    layout.folder(table)
    return f"{table.name}.{day.isoformat() if day else 'whole'}"


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
