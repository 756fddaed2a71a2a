"""Two shares compared, by hand: Newcombe's hybrid-score interval, the pooled z-test, Holm's adjustment (§6.8).

Written out from the papers with nothing but square roots and the normal distribution. Not here: which shares are compared (`releases`).
"""

from math import erfc, sqrt

# The 97.5 % point of the standard normal distribution.
Z_95 = 1.959963984540054


def wilson(hits: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of one share."""
    share = hits / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    reach = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    return centre - reach, centre + reach


def newcombe(hits: int, trials: int, other_hits: int, other_trials: int) -> tuple[float, float]:
    """The 95 % interval of share minus other share: Newcombe's tenth method, from the two Wilson intervals, uncorrected."""
    share, other = hits / trials, other_hits / other_trials
    low, high = wilson(hits, trials)
    other_low, other_high = wilson(other_hits, other_trials)
    below = sqrt((share - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - share) ** 2 + (other - other_low) ** 2)
    return share - other - below, share - other + above


def pooled_z(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """The two-sided p value of "the shares are equal", with the variance of the pooled share."""
    pooled = (hits + other_hits) / (trials + other_trials)
    error = sqrt(pooled * (1 - pooled) * (1 / trials + 1 / other_trials))
    return erfc(abs(hits / trials - other_hits / other_trials) / error / sqrt(2))


def holm(values: list[float]) -> list[float]:
    """Each p value adjusted for having looked at all of them, in the order given: Holm's step-down, at most 1, never decreasing."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    adjusted = [0.0] * len(values)
    least = 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = least
    return adjusted
