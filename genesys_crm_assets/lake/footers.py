"""What objects say of themselves, kept between runs, so that a night in an old lake does not open every object there is.

A copy of some papers, never a truth of its own: an entry counts only while its object is the very file it was read from, and a file that
is lost, torn or of another edition is filled again from the objects. Not here: what papers mean (`lag`), or reading one (`parquet`).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from genesys_crm_assets.lake import parquet

KEPT = frozenset({"content", "reads", "starts", "built_from", "settled", "awaits_until", "expanded"})
"""The papers that are asked for over all days; others are read from their object."""

_EDITION = "2"
_LENGTH_BYTES = 8
_SPARE = 100
_PATIENCE_SECONDS = 10.0


class _Entry(msgspec.Struct, array_like=True):
    """The papers of one object, and which file they were read from."""

    key: str
    changed_ns: int
    size: int
    inode: int
    rows: int
    shape: str
    values: dict[str, str]


class Footers:
    """The papers of a lake's objects, by table.

    Args:
        root: absolute path of the lake, as text.
        kept: the folder of the files, one for each table; made when first written.
    """

    def __init__(self, root: str, kept: Path) -> None:
        self._root, self._kept = root, kept
        self._known: dict[str, dict[str, _Entry]] = {}
        self._new: dict[str, list[_Entry]] = {}
        self._stored: dict[str, int] = {}

    def papers(self, table: str, key: str) -> parquet.Papers | None:
        """The kept papers of a table's object; None where there is no object. Raises `ObjectDamaged`."""
        path = f"{self._root}/{key}"
        try:
            status = os.stat(path)  # noqa: PTH116 - asked of thousands of objects at once: a third of the time
        except FileNotFoundError:
            return None
        known = self._of(table)
        found = known.get(key)
        if found is None or (found.changed_ns, found.size, found.inode) != (status.st_mtime_ns, status.st_size, status.st_ino):
            said = parquet.papers(path)
            values = {name: value for name, value in said.values.items() if name in KEPT}
            found = known[key] = _Entry(key, status.st_mtime_ns, status.st_size, status.st_ino, said.rows, said.shape, values)
            self._new.setdefault(table, []).append(found)
        return parquet.Papers(found.rows, found.values, found.shape)

    def keep(self) -> None:
        """Write down what was read since; who cannot write now leaves it to the next."""
        for table in [name for name, entries in self._new.items() if entries]:
            with suppress(Timeout, OSError):
                self._kept.mkdir(parents=True, exist_ok=True)
                with FileLock(str(self._file(table).with_suffix(".lock")), timeout=_PATIENCE_SECONDS):
                    self._write(table)
                self._new[table] = []

    def _write(self, table: str) -> None:
        file, known, new = self._file(table), self._of(table), self._new[table]
        self._stored[table] = self._stored.get(table, 0) + len(new)
        if file.exists() and self._stored[table] <= 2 * len(known) + _SPARE:
            with file.open("ab") as appended:
                appended.write(b"".join(map(_framed, new)))
            return
        aside = file.with_suffix(".aside")
        aside.write_bytes(_framed(_EDITION) + b"".join(map(_framed, known.values())))
        aside.replace(file)
        self._stored[table] = len(known)

    def _of(self, table: str) -> dict[str, _Entry]:
        if table not in self._known:
            entries = list(self._read(table))
            self._stored[table] = len(entries)
            self._known[table] = {entry.key: entry for entry in entries}
        return self._known[table]

    def _read(self, table: str) -> Iterator[_Entry]:
        file = self._file(table)
        try:
            stored = memoryview(file.read_bytes())
            edition, *entries = _frames(stored)
            if msgspec.msgpack.decode(edition) == _EDITION:
                yield from [_DECODER.decode(entry) for entry in entries]
                return
        except FileNotFoundError:
            return
        except (ValueError, msgspec.MsgspecError, OSError):
            pass
        # Whoever appended to it would be read no more than what stands before.
        file.unlink(missing_ok=True)

    def _file(self, table: str) -> Path:
        return self._kept / f"{table}.papers"


_DECODER = msgspec.msgpack.Decoder(_Entry)


def _framed(value: _Entry | str) -> bytes:
    encoded = msgspec.msgpack.encode(value)
    return len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded


def _frames(stored: memoryview) -> Iterator[memoryview]:
    place = 0
    while place < len(stored):
        start = place + _LENGTH_BYTES
        place = start + int.from_bytes(stored[place:start], "big")
        if place > len(stored):
            raise ValueError("the file is torn")
        yield stored[start:place]
