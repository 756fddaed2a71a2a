"""How well agents kept to their schedules: who was on duty on which day, and what became of it.

Every figure follows from the seed, the agent and the day. Not here: how the figures are asked for (`adherence.py`).
"""

from dataclasses import dataclass
from datetime import timedelta

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.identifiers import chance, dice

_SATURDAY = 5
_STARTS = (6, 8, 11, 13)
_TOLERANCE = 1.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A day's duty of one agent, seconds throughout; `done` is the part of it that is over."""

    scheduled: int
    paid: int
    on_queue: int
    exceptions: tuple[int, ...]
    worked: int
    done: float


def shift(seed: int, agent: str, midnight: int, now: int) -> Shift | None:
    """An agent's duty on the day that begins then (epoch milliseconds), as known now; none where the agent was off or it has not begun."""
    rng = dice(seed, "shift", agent, midnight)
    if chance(rng, 0.7 if clock.day_of(midnight).weekday() >= _SATURDAY else 0.1):
        return None
    start = midnight + rng.choice(_STARTS) * clock.HOUR
    scheduled = rng.choice((8, 8, 8, 5)) * 3600
    done = min(1.0, max(0.0, (now - start) / (scheduled * clock.SECOND)))
    if not done:
        return None
    paid = scheduled - scheduled // 16
    exceptions = tuple(round(rng.randrange(30, 1_500) * done) for _ in range(rng.choice((0, 1, 2, 3, 5))))
    worked = round(paid * rng.uniform(0.93, 1.04) * done)
    return Shift(scheduled, round(paid * done), round((paid - 1_800) * done), exceptions, worked, done)


def metrics(duty: Shift, offset: timedelta) -> Body:
    """A day's metrics as they are told; `offset` is from the beginning of the query to that of the day."""
    exceptions = sum(duty.exceptions)
    return {
        "dayStartOffsetSeconds": int(offset.total_seconds()),
        "adherenceScheduleSeconds": duty.on_queue,
        "conformanceScheduleSeconds": duty.paid,
        "conformanceActualSeconds": duty.worked,
        "exceptionCount": len(duty.exceptions),
        "exceptionDurationSeconds": exceptions,
        "impactSeconds": duty.worked - duty.paid,
        "scheduleLengthSeconds": duty.scheduled,
        "actualLengthSeconds": duty.worked + exceptions // 2,
        "adherencePercentage": percentage(duty.on_queue - exceptions, duty.on_queue),
        "conformancePercentage": percentage(duty.worked, duty.paid),
    }


def summary(days: list[Body], *, over: bool) -> Body:
    """What the days come to: both percentages over the sums of seconds, and the sign of what they differ by; unknown until they are over."""
    total = {name: sum(day[name] for day in days) for name in days[0]}
    conformance = percentage(total["conformanceActualSeconds"], total["conformanceScheduleSeconds"])
    impact = "Positive" if conformance > 100 + _TOLERANCE else "Negative" if conformance < 100 - _TOLERANCE else "Neutral"
    on_queue = total["adherenceScheduleSeconds"]
    return {
        "adherencePercentage": percentage(on_queue - total["exceptionDurationSeconds"], on_queue),
        "conformancePercentage": conformance,
        "impact": impact if over else "Unknown",
        "dayMetrics": days,
    }


def percentage(part: int, whole: int) -> float:
    """In per cent, never below none."""
    return round(max(0.0, 100 * part / whole), 4) if whole else 100.0
