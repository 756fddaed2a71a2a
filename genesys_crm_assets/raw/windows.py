"""The window of a day, clipped: no window of either vendor reaches closer to now than 15 minutes (S2-40, F-28).

Half-open, UTC. Not here: what is asked for inside it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from genesys_crm_assets.lake.errors import LocationRefused

CUTOFF = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)`, aware UTC; empty when the clip leaves nothing."""

    start: datetime
    end: datetime

    @property
    def is_empty(self) -> bool:
        """Whether the clip left nothing to ask for."""
        return self.end <= self.start


def whole(day: date) -> Window:
    """The UTC day itself, unclipped."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Window(start, start + timedelta(days=1))


def of_day(day: date, now: datetime, *, covered: datetime | None = None) -> Window:
    """The window of a UTC day, clipped at `now` less 15 minutes and at what the vendor says is complete.

    Raises `LocationRefused` for a day that has not begun.
    """
    day_itself = whole(day)
    if day_itself.start > now:
        raise LocationRefused(f"{day} has not begun; materialise days up to {now.date()}")
    ends = [day_itself.end, now - CUTOFF, *([covered] if covered is not None else [])]
    return Window(day_itself.start, max(day_itself.start, min(ends)))
