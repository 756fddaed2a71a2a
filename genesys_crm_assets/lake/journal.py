"""Pages under way: each is appended and synced as it arrives, so a killed run goes on where the vendor allows it (S2-21, S2-26).

One file per table and day, outside the lake; a torn last entry is cut off. Not here: what a page means, or whether it may be resumed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from genesys_crm_assets.lake.durable import Failpoints

_LENGTH_BYTES = 8


class Journal:
    """The entries of one table and day, in the order they arrived.

    Args:
        path: the journal's file; its folder is made when first written.
        about: what is being asked for. A journal about something else is discarded: pages are never spliced (S2-24).
        failpoints: armed in tests only.
    """

    def __init__(self, path: Path, about: str, failpoints: Failpoints) -> None:
        self._path = path
        self._about = about
        self._failpoints = failpoints
        stored = next(self._read(), None)
        if stored is not None and stored.get("about") != about:
            self.discard()

    def entries(self) -> list[dict[str, Any]]:
        """What has arrived so far, without the heading."""
        return list(self._read())[1:]

    def append(self, entry: dict[str, Any]) -> None:
        """Add one entry and wait until it is on disk."""
        with self._failpoints.step("journal.append"):
            if not self._path.exists() or self._path.stat().st_size == 0:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._write({"about": self._about})
            self._write(entry)

    def discard(self) -> None:
        """Forget everything: the object stands, or the vendor no longer goes on."""
        with self._failpoints.step("journal.discard"):
            self._path.unlink(missing_ok=True)

    def _write(self, entry: dict[str, Any]) -> None:
        encoded = msgspec.msgpack.encode(entry)
        with self._path.open("ab") as file:
            file.write(len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded)
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        whole = 0
        with self._path.open("rb") as file:
            while length := file.read(_LENGTH_BYTES):
                encoded = file.read(int.from_bytes(length, "big"))
                if len(length) < _LENGTH_BYTES or len(encoded) < int.from_bytes(length, "big"):
                    os.truncate(self._path, whole)
                    return
                whole += len(length) + len(encoded)
                yield msgspec.msgpack.decode(encoded)
