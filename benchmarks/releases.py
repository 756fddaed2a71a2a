"""Whether `escalation_by_release` finds, by itself, the release that changed something: `docs/releases.md`, by `make releases SEEDS=1,2,3`.

For each seed a process of its own lands a world of several releases, one of which makes customers of one tier escalate 14 points oftener,
through the platform's own assets up to that mart; what the mart says of complete weeks is put beside what the sandbox knows. Ends with
another status than 0 where the release is not found, where it could not have been, or where others are found oftener than chance allows.
Not here: the processes (`landing.py`).
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Any

from benchmarks import landing
from benchmarks.grids import grid
from genesys_crm_assets.lake.body import sql_beside
from genesys_crm_assets.sandbox.releases import EXTRA, TIERS
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets.sandbox.stories import ESCALATED

# A Monday long past; forty days hold two releases with whole weeks on either side. With fewer conversations a day the smallest tier that may be
# hit, a tenth of all customers, would not show fourteen points as surely as `ENOUGH`.
START, DAYS, PER_DAY = date(2026, 1, 5), 40, 900
LEVEL, ENOUGH, ONE_IN = 0.05, 0.99, 20

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """One seed's world: what the mart says of it, complete pairs only, and the pair that is true."""

    seed: int
    rows: tuple[Row, ...]
    release: str
    product: str
    released_at: str
    tier: str

    @property
    def planted(self) -> Row | None:
        """What the mart says of the release that changed something and the tier it changed it for; None where it says nothing."""
        return next((row for row in self.rows if self._is_planted(row)), None)

    @property
    def others(self) -> list[Row]:
        """What it says of every other pair."""
        return [row for row in self.rows if not self._is_planted(row)]

    @property
    def is_found(self) -> bool:
        """The mart calls the true pair significant, and for the worse."""
        planted = self.planted
        return planted is not None and planted["is_significant"] and planted["difference_points"] > 0

    def _is_planted(self, row: Row) -> bool:
        return all(row[name] == getattr(self, name) for name in ("release", "product", "released_at")) and row["customer_tier"] == self.tier


def land(plan: Plan, folder: Path) -> None:
    """Land a world up to the mart; leaves `world.json` in the folder."""
    from genesys_crm_assets.definitions import lake_of  # noqa: PLC0415 - slow to import, and only the processes need it

    with running(plan) as vendors:
        variables = landing.told(vendors, folder)
        landing.materialise(variables, (vendors.days[0], vendors.now.date()), "escalation_by_release")
        with lake_of(variables).warehouse().open() as reader:
            rows = reader.sql(sql_beside(__file__, "found")).to_arrow_table().to_pylist()
        effect = vendors.effect()
    told = [{**row, "released_at": row["released_at"].isoformat()} for row in rows]
    truth = {"release": effect.release, "product": effect.product, "tier": effect.tier}
    world = {"seed": plan.seed, "rows": told, **truth, "released_at": effect.released_at.replace(tzinfo=None).isoformat()}
    (folder / "world.json").write_text(json.dumps(world), encoding="utf-8")


def landed(folder: Path) -> World:
    """The world that was landed in a folder."""
    told = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    return World(**{**told, "rows": tuple(told["rows"])})


def visible(row: Row) -> float:
    """How many points of the planted effect the mart can see in that tier: whom a bot alone served cannot have escalated."""
    return float(100 * EXTRA * (1 - row["bot_only"]))


def power(row: Row, tier: str) -> float:
    """How likely the planted effect is found among so many contacts.

    Normal approximation of the two-sided pooled z-test at Holm's first step over all tiers, the strictest: a lower bound.
    """
    before, after = (rate * (1 - row["bot_only"]) for rate in (ESCALATED[tier], ESCALATED[tier] + EXTRA))
    one, two = row["contacts_before"], row["contacts_after"]
    pooled = (before * one + after * two) / (one + two)
    under_null = math.sqrt(pooled * (1 - pooled) * (1 / one + 1 / two))
    spread = math.sqrt(before * (1 - before) / one + after * (1 - after) / two)
    bound = NormalDist().inv_cdf(1 - LEVEL / len(TIERS) / 2) * under_null
    return NormalDist().cdf((after - before - bound) / spread) + NormalDist().cdf((before - after - bound) / spread)


def by_chance(hits: int, trials: int) -> float:
    """How likely so many hits or more are where each trial is one with a chance of one in twenty."""
    chance = 1 / ONE_IN
    return sum(math.comb(trials, count) * chance**count * (1 - chance) ** (trials - count) for count in range(hits, trials + 1))


def written(worlds: Sequence[World], days: int, per_day: int) -> str:
    """The page."""
    return "\n\n".join([_opening(worlds, days, per_day), _found(worlds), _others(worlds)]) + "\n"


def _opening(worlds: Sequence[World], days: int, per_day: int) -> str:
    seeds = ",".join(str(world.seed) for world in worlds)
    return f"""# Releases: whether the mart finds the one that changed something

Written by `python -m benchmarks.releases --seeds {seeds} --days {days} --per-day {per_day}` (`make releases SEEDS={seeds}`); do not edit it, run it
again. The same seeds give the same page.

**Evidence level: sandbox.** A world for each seed: {days} days from {START}, about {per_day:,} conversations a day, releases fifteen days apart. From
one release on, customers of one tier escalate {100 * EXTRA:.0f} points oftener, unless a bot alone serves them; which release and which tier is the seed's
choice, and told to nobody. The rows below are what `escalation_by_release` says after one run over all days. Pairs of a release and a tier
are counted when both weeks are final."""


def _found(worlds: Sequence[World]) -> str:
    headings = {
        "seed": "seed",
        "release": "release",
        "tier": "tier",
        "named": "named",
        "contacts": "contacts before, after",
        "rates": "rate before, after",
        "difference": "difference, 95 % interval (points)",
        "planted": "planted",
        "p_adjusted": "p, adjusted",
        "power": "power",
        "also": "others significant",
    }
    rows = [_row(world) for world in worlds]
    found = sum(world.is_found for world in worlds)
    inside = sum(_covers(world.planted) for world in worlds if world.planted)
    alone = sum(world.is_found and not any(row["is_significant"] for row in world.others) for world in worlds)
    return f"""## The one that did

**Named in {found} of {len(worlds)} worlds, in {alone} of them alone.** `planted` is the effect as far as a bot leaves it to be seen in that tier; {inside} of
{len(worlds)} intervals hold it. `power` is how likely so many contacts show the planted effect at Holm's strictest step.

{grid(rows, headings)}"""


def _row(world: World) -> Row:
    row = world.planted
    said = {"seed": str(world.seed), "release": f"{world.release} {world.product}, {world.released_at[:10]}", "tier": world.tier}
    also = sum(other["is_significant"] for other in world.others)
    if row is None:
        return {**said, "named": "no row", "also": also} | dict.fromkeys(
            ("contacts", "rates", "difference", "planted", "p_adjusted", "power")
        )
    low, high = _interval(row)
    return {
        **said,
        "named": "yes" if world.is_found else "no",
        "contacts": f"{row['contacts_before']:,}, {row['contacts_after']:,}",
        "rates": f"{row['rate_before_pct']:.1f} %, {row['rate_after_pct']:.1f} %",
        "difference": f"{row['difference_points']:+.1f} ({low:+.1f} to {high:+.1f})",
        "planted": f"{visible(row):+.1f}",
        "p_adjusted": _small(row["p_adjusted"]),
        "power": f"{power(row, world.tier):.4f}",
        "also": also,
    }


def _interval(row: Row) -> tuple[float, float]:
    return row["difference_low_points"], row["difference_high_points"]


def _covers(row: Row) -> bool:
    low, high = _interval(row)
    return bool(low is not None and low <= visible(row) <= high)


def _small(p_value: float | None) -> str:
    return "-" if p_value is None else f"{p_value:.1e}" if p_value < 0.001 else f"{p_value:.3f}"  # noqa: PLR2004 - how it reads


def _others(worlds: Sequence[World]) -> str:
    others = [(world.seed, row) for world in worlds for row in world.others]
    significant = [(seed, row) for seed, row in others if row["is_significant"]]
    headings = {
        "seed": "seed",
        "release": "release",
        "tier": "tier",
        "difference": "difference, 95 % interval (points)",
        "p_adjusted": "p, adjusted",
    }
    rows = [
        {
            "seed": str(seed),
            "release": f"{row['release']} {row['product']}, {row['released_at'][:10]}",
            "tier": row["customer_tier"],
            "difference": f"{row['difference_points']:+.1f} ({_interval(row)[0]:+.1f} to {_interval(row)[1]:+.1f})",
            "p_adjusted": _small(row["p_adjusted"]),
        }
        for seed, row in significant
    ]
    told = grid(rows, headings) if rows else "None is significant."
    return f"""## All others

Of {len(others)} other complete pairs **{len(significant)}** are significant; one in twenty would be {len(others) // ONE_IN}. Were each of them so by a chance of one in
twenty, as many or more would be with a probability of {by_chance(len(significant), len(others)):.3f}. Holm's adjustment lets one release in twenty through, not one pair; a
release that is listed for two products is two releases with the same contacts, so its pairs stand and fall together.

{told}"""


def broken(worlds: Sequence[World]) -> list[str]:
    """What does not hold, in words."""
    found = [f"seed {world.seed}: {world.release} for {world.tier} is not named" for world in worlds if not world.is_found]
    weak = [world.seed for world in worlds if world.planted and power(world.planted, world.tier) <= ENOUGH]
    found += [f"seed {seed}: too few contacts to show the effect; raise --per-day" for seed in weak]
    others = [row for world in worlds for row in world.others]
    significant = sum(row["is_significant"] for row in others)
    if significant * ONE_IN > len(others):
        found.append(f"{significant} of {len(others)} other pairs are significant")
    return found


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Whether escalation_by_release finds the release that changed something.")
    parser.add_argument("--seeds", default="1,2,3", help="seeds of the worlds, with commas between")
    parser.add_argument("--days", type=int, default=DAYS, help="days of each world")
    parser.add_argument("--per-day", type=int, default=PER_DAY, help="conversations a day")
    parser.add_argument("--out", type=Path, default=Path("docs/releases.md"), help="the page")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    given = _parsed()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    if given.into is not None:
        land(landing.plan(seeds[0], START, given.days, given.per_day), given.into)
        return
    options = {"--days": given.days, "--per-day": given.per_day}
    with tempfile.TemporaryDirectory() as home:
        folders = [Path(home) / str(seed) for seed in seeds]
        landing.run(
            landing.Errand("benchmarks.releases", seed, START, folder, options) for seed, folder in zip(seeds, folders, strict=True)
        )
        worlds = [landed(folder) for folder in folders]
    given.out.write_text(written(worlds, given.days, given.per_day), encoding="utf-8")
    print(f"{given.out} is written")
    sys.exit("\n".join(broken(worlds)) or 0)


if __name__ == "__main__":
    main()
