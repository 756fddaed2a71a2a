"""Two proportions against each other: how far apart, how sure, and how likely by chance (§6.8).

Newcombe's hybrid-score interval (Statistics in Medicine 17, 1998, method 10), the pooled z-test, and Holm's adjustment, all by statsmodels.
Not here: what is counted.
"""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace

LEVEL = 0.05
"""Of tests; intervals cover the rest."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    trials: int

    @property
    def percent(self) -> float | None:
        """Hits in per cent of trials; None without trials."""
        return 100 * self.hits / self.trials if self.trials else None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much greater the second of two shares is, in points of per cent.

    Attributes:
        points: the difference; None where a side has no trials.
        low: lower end of Newcombe's 95 % interval, not adjusted for other comparisons; None where a side has no trials.
        high: its upper end.
        p_value: of the two-sided pooled z-test; None where a side has no trials, or no trial of either, or every one, is a hit.
    """

    points: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


def difference(before: Share, after: Share) -> Difference:
    """What `after` has more than `before`, and how likely by chance: of shares that are both nought, or both whole, the test says nothing."""
    if before.percent is None or after.percent is None:
        return Difference()
    points = after.percent - before.percent
    # Three seconds and 150 MiB that a run without releases need not spend.
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest  # noqa: PLC0415 - as said above

    low, high = confint_proportions_2indep(
        after.hits, after.trials, before.hits, before.trials, method="newcomb", compare="diff", alpha=LEVEL
    )
    found = Difference(points, 100 * float(low), 100 * float(high))
    if before.hits + after.hits in (0, before.trials + after.trials):
        return found
    _, p_value = proportions_ztest([after.hits, before.hits], [after.trials, before.trials])
    return replace(found, p_value=float(p_value))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """The p-values adjusted for each other's being tested too; None stays None and counts as no test."""
    tested = [p_value for p_value in p_values if p_value is not None]
    if not tested:
        return [None] * len(p_values)
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import, as above

    # It collects garbage at every call, a sixth of a second in a process of this size, and there is none.
    gc.freeze()
    try:
        adjusted = iter(multipletests(tested, alpha=LEVEL, method="holm")[1])
    finally:
        gc.unfreeze()
    return [None if p_value is None else float(next(adjusted)) for p_value in p_values]
