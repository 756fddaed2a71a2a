"""The named durable steps: every place where dying would leave something behind.

A test stops a process inside each of them and asks the next run for the same tables (P3, F-70). In production nothing is armed and a step
costs a dictionary look-up. Not here: what the steps do.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STEPS = (
    "journal.append",
    "journal.discard",
    "object.write_aside",
    "object.rename",
    "contract.write_aside",
    "contract.rename",
    "warehouse.write_aside",
    "warehouse.rename",
)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Failpoints:
    """Which step to die in, as `FAILPOINT=object.rename:before:3` says: the third time, before the step is done.

    Attributes:
        armed: empty in production.
        die: what dying means; SIGKILL unless a test wants to survive it.
    """

    armed: str = ""
    die: Callable[[], None] = _kill
    _seen: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Wrap one durable step; `name` is one of `STEPS`."""
        self._reach(f"{name}:before")
        yield
        self._reach(f"{name}:after")

    def _reach(self, place: str) -> None:
        self._seen[place] = self._seen.get(place, 0) + 1
        if self.armed and self.armed in (place, f"{place}:{self._seen[place]}"):
            self.die()
