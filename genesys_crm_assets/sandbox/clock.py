"""Time as the sandbox counts it: epoch milliseconds for Genesys, epoch seconds for Salesforce, the content clock, and the skew between both.

Everything is UTC. Not here: real time, which only tokens, jobs and limits run on.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = date(1970, 1, 1)
_PERIOD = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@lru_cache(maxsize=8192)
def _date_text(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


def iso(ms: int) -> str:
    """A Genesys time: `2026-01-05T10:00:00.000Z`. All have one length, so they sort as text."""
    day, rest = divmod(ms, DAY)
    seconds, milli = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date_text(day)}T{hour:02d}:{minute:02d}:{second:02d}.{milli:03d}Z"


def crm(seconds: int) -> str:
    """A Salesforce REST time: `2026-01-05T10:00:00.000+0000`."""
    return iso(seconds * SECOND)[:-1] + "+0000"


def midnight(day: date) -> int:
    """00:00 UTC of a day in epoch milliseconds."""
    return (day - _EPOCH).days * DAY


def day_of(ms: int) -> date:
    """The UTC day an instant falls on."""
    return _EPOCH + timedelta(days=ms // DAY)


def of(moment: datetime) -> int:
    """Epoch milliseconds of an aware datetime."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def parse(text: str) -> int:
    """Epoch milliseconds of an ISO-8601 text; one without an offset is UTC, as Genesys reads it.

    Raises:
        ValueError: the text is no time.
    """
    moment = datetime.fromisoformat(text)
    return of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def interval(text: str) -> tuple[int, int]:
    """Both ends of `start/end` in epoch milliseconds.

    Raises:
        ValueError: it is not two times with the earlier one first.
    """
    first, _, second = text.partition("/")
    start, end = parse(first), parse(second)
    if end <= start:
        raise ValueError("interval end is not after its start")
    return start, end


def period(text: str) -> int:
    """Milliseconds of an ISO period made of weeks, days, hours, minutes and seconds.

    Raises:
        ValueError: it is another kind of period, or an empty one.
    """
    found = _PERIOD.fullmatch(text)
    parts = [int(part or 0) for part in found.groups()] if found else []
    total = sum(part * unit for part, unit in zip(parts, (7 * DAY, DAY, HOUR, MINUTE, SECOND), strict=False))
    if not total:
        raise ValueError("not a supported ISO period")
    return total


class ContentClock:
    """What time it is in the world. It stands still until somebody advances it."""

    def __init__(self, now: datetime) -> None:
        self.ms = of(now)

    @property
    def now(self) -> datetime:
        """The content clock, UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self.ms)

    def advance(self, to: datetime) -> None:
        """Move the clock forward.

        Raises:
            ValueError: the world would have to forget something.
        """
        if of(to) < self.ms:
            raise ValueError("the content clock only moves forward; start another sandbox for an earlier time")
        self.ms = of(to)


class Skew:
    """How far the CRM's clock is from Genesys', in milliseconds: it drifts over ±7 minutes and wavers by 2.5 more."""

    DRIFT = 7 * MINUTE
    WAVER = 150 * SECOND
    CYCLE = 31 * HOUR

    def __init__(self, phase: float) -> None:
        self._phase = phase

    def at(self, ms: int, waver: float) -> int:
        """The CRM's reading, epoch seconds, of a Genesys instant; `waver` in [-1, 1] is drawn per event."""
        drift = self.DRIFT * math.sin(2 * math.pi * ((ms % self.CYCLE) / self.CYCLE + self._phase))
        return int(ms + drift + self.WAVER * waver) // SECOND
