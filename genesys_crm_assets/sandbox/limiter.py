"""Genesys' rate limit: so many requests per minute and token, counted in minutes that begin with a token's first request.

Not here: the answer that says so (`genesys.py`).
"""

from collections.abc import Callable
from typing import NamedTuple

WINDOW = 60.0


class Verdict(NamedTuple):
    """What a token may do now: whether this request is within the limit, how many it made, seconds until the count begins again."""

    within: bool
    used: int
    reset: int


class Limiter:
    """Counts requests by token on real time."""

    def __init__(self, allowed: int, monotonic: Callable[[], float]) -> None:
        self.allowed = allowed
        self._monotonic = monotonic
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, token: str) -> Verdict:
        """Count one request of the token; a refused one counts as well, but never makes the wait longer."""
        now = self._monotonic()
        began, count = self._windows.get(token, (now, 0))
        if now - began >= WINDOW:
            began, count = now, 0
        count += 1
        self._windows[token] = began, count
        # Rounded to whole seconds like the real one, so that a careful client waits one more.
        reset = max(1, round(began + WINDOW - now))
        return Verdict(count <= self.allowed, min(count, self.allowed), reset)
