"""When people call: by day of the week and by quarter of an hour.

Not here: who calls and why.
"""

import math
import random
from datetime import date

from genesys_crm_assets.sandbox import clock

QUARTER = 15 * clock.MINUTE
QUARTERS = clock.DAY // QUARTER

# Monday to Sunday; they average to one, so that a week holds seven times `per_day`.
WEEK = (1.15, 1.10, 1.08, 1.05, 1.00, 0.85, 0.77)

MEDIA = {"voice": 52, "message": 17, "chat": 12, "email": 11, "callback": 8}


def _weight(quarter: int) -> float:
    hour = quarter / 4
    morning = math.exp(-(((hour - 14.5) / 2.6) ** 2))
    afternoon = 0.85 * math.exp(-(((hour - 19.5) / 2.4) ** 2))
    return 0.07 + morning + afternoon


WEIGHTS = tuple(_weight(quarter) for quarter in range(QUARTERS))


def starts(rng: random.Random, day: date, per_day: int) -> list[int]:
    """The instants, epoch milliseconds in order, at which the conversations of a UTC day begin."""
    count = max(1, round(per_day * WEEK[day.weekday()]))
    first = clock.midnight(day)
    quarters = rng.choices(range(QUARTERS), WEIGHTS, k=count)
    return sorted(first + quarter * QUARTER + rng.randrange(QUARTER) for quarter in quarters)


def medium(rng: random.Random) -> str:
    """The medium a conversation is begun in."""
    return rng.choices(tuple(MEDIA), tuple(MEDIA.values()))[0]
