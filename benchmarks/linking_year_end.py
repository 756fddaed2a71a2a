"""Linking at the turn of a year, when cases are logged hours late (S0-66): the last section of `docs/linking.md`.

For each seed a process of its own lands three ISO weeks around New Year up to `interaction_links`, then matches them again with a
high-latency period as run configuration of that one asset, and nothing is landed twice. Not here: the rest of the page (`linking_page.py`).
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks import landing
from benchmarks.grids import grid
from genesys_crm_assets.lake.body import sql_beside
from genesys_crm_assets.sandbox.server import Plan, running

# Three whole ISO weeks; the sandbox is slow from 30 December to the end of 2 January.
START, DAYS = date(2025, 12, 22), 21
PERIOD = "2025-12-30/2026-01-03"
WINDOW_HOURS = 24
SLOW, OTHERS, WEEK = "30 December to 2 January", "every other day", "2026-W01"
ASKED = ("spans", "days", "truths")
_LINKS = "select interaction_id, day_utc, case_id, case_match_rule from facts.interaction_links"

Row = dict[str, Any]


def land(plan: Plan, folder: Path) -> None:
    """Land a world and match it twice; leaves `usual.parquet`, `widened.parquet` and `truth.json` in the folder."""
    from genesys_crm_assets.definitions import lake_of  # noqa: PLC0415 - slow to import, and only the processes need it

    period = {"high_latency_periods": [PERIOD], "match_window_hours": WINDOW_HOURS}
    with running(plan) as vendors:
        variables = landing.told(vendors, folder)
        for matched, config in (("usual", None), ("widened", period)):
            days = vendors.days[0], vendors.now.date()
            landing.materialise(variables, days, "interaction_links", alone=config is not None, config=config)
            with lake_of(variables).warehouse().open() as reader:
                reader.sql(_LINKS).write_parquet(str(folder / f"{matched}.parquet"))
        truth = [{"interaction_id": key, **asdict(one)} for key, one in vendors.truth.items()]
        (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")


def errand(seed: int, per_day: int, folder: Path) -> landing.Errand:
    """The process that lands a seed's world in a folder."""
    return landing.Errand("benchmarks.linking_year_end", seed, START, folder, {"--per-day": per_day})


def gathered(folders: Mapping[int, Path]) -> duckdb.DuckDBPyConnection:
    """The worlds that were landed in folders, by seed, with `judged` over all of them."""
    engine = duckdb.connect(":memory:")
    engine.execute(
        "create table links (seed bigint, matched varchar, interaction_id varchar, day_utc date, case_id varchar, case_match_rule varchar)"
    )
    engine.execute("create table truth (interaction_id varchar, case_id varchar, how varchar)")
    for seed, folder in folders.items():
        for matched in ("usual", "widened"):
            place = str(folder / f"{matched}.parquet")
            engine.execute(
                "insert into links select $seed, $matched, interaction_id, day_utc, case_id, case_match_rule from read_parquet($place)",
                {"seed": seed, "matched": matched, "place": place},
            )
        told = pa.Table.from_pylist(json.loads((folder / "truth.json").read_text(encoding="utf-8")))
        engine.register("told", told)
        engine.execute("insert into truth select interaction_id, case_id, how from told")
        engine.unregister("told")
    engine.execute(f"create table judged as {sql_beside(__file__, 'judged')}")
    return engine


def asked(engine: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    """The rows of each `linking_year_end.<question>.sql` over gathered worlds."""
    return {question: list(engine.sql(sql_beside(__file__, question)).to_arrow_table().to_pylist()) for question in ASKED}


def section(seeds: Sequence[int], per_day: int, answers: Mapping[str, list[Row]]) -> str:
    """The section of the page."""
    spans = {row["span"]: row for row in answers["spans"]}
    return "\n\n".join([_opening(seeds, per_day), _spans(answers, spans), _days(answers), _cost(answers, spans[SLOW])])


def _opening(seeds: Sequence[int], per_day: int) -> str:
    return f"""## At the turn of the year

Worlds of their own, of the same {len(seeds)} seeds: {DAYS} days from {START}, about {per_day:,} conversations a day. From 30 December to the end of
2 January the sandbox's CRM is slow: a case that a conversation opens is logged 2 to 22 hours after its end, so that a conversation of 31 December
has its case on 1 January, and its id can be told by nobody. Landed once, matched twice: by the usual window of a quarter of an hour, and again
with `HIGH_LATENCY_PERIODS={PERIOD}` and `MATCH_WINDOW_HOURS={WINDOW_HOURS}` as run configuration of `interaction_links`, nothing landed anew."""


def _spans(answers: Mapping[str, list[Row]], spans: Mapping[str, Row]) -> str:
    headings = {
        "span": "days",
        "interactions": "interactions",
        "with_case": "had a case",
        "linked": "linked",
        "per_case": "links per true case",
        "precision": "precision",
        "recall": "recall",
        "linked_widened": "linked, with the period",
        "per_case_widened": "links per true case",
        "precision_widened": "precision",
        "recall_widened": "recall",
    }
    slow, others, week = spans[SLOW], spans[OTHERS], spans[WEEK]
    around = beside(answers["spans"], "per_case")
    return f"""{grid(answers["spans"], headings)}

Measured by links per true case, since the share of conversations that have a case swings by itself: the usual window gives {_change(week["per_case"], around)}
in the first week of January ({WEEK}) than in the weeks on either side of it, and {_change(slow["per_case"], others["per_case"])} on the four slow days than on the
others; with the period, {_change(week["per_case_widened"], around)} and {_change(slow["per_case_widened"], others["per_case"])}. By the plain share of interactions
the week has {_change(week["linked"], beside(answers["spans"], "linked"))}, and {_change(week["linked_widened"], beside(answers["spans"], "linked"))} with the period.
S0-66 says 12 % fewer in that week. The count of links tells the loss badly: where the case is not there yet, `open_case` often gives an older one
of the same customer. Recall falls from {others["recall"]:.3f} to {slow["recall"]:.3f}, `created_with` from {others["created_with"]:.1%} of all interactions to {slow["created_with"]:.1%}.
With the period recall is {slow["recall_widened"]:.3f}. It stays below the other days': nobody could tell these cases, and the wide window mistakes others."""


def beside(spans: Sequence[Row], measure: str) -> float:
    """The mean of a measure over the weeks beside the first one of January."""
    weeks = [row for row in spans if row["span"].startswith("20") and row["span"] != WEEK]
    return float(sum(row[measure] * row["interactions"] for row in weeks) / sum(row["interactions"] for row in weeks))


def _change(share: float, before: float) -> str:
    change = 100 * (share / before - 1)
    return f"{abs(change):.1f} % {'fewer' if change < 0 else 'more'} links"


def _days(answers: Mapping[str, list[Row]]) -> str:
    headings = {
        "day": "day",
        "interactions": "interactions",
        "with_case": "had a case",
        "linked": "linked",
        "recall": "recall",
        "linked_widened": "linked, with the period",
        "recall_widened": "recall",
    }
    return grid(answers["days"], headings)


def _cost(answers: Mapping[str, list[Row]], slow: Row) -> str:
    headings = {
        "about": "truly about",
        "interactions": "interactions",
        "links": "links",
        "correct": "correct",
        "precision": "precision",
        "links_widened": "links, with the period",
        "correct_widened": "correct",
        "precision_widened": "precision",
    }
    rest = [row for row in answers["truths"] if not row["about"].startswith("a case it opened")]
    before, after = (sum(row[name] for row in rest) / sum(row[links] for row in rest) for name, links in _PAIRS)
    return f"""What it costs, on the four slow days:

{grid(answers["truths"], headings)}

All in all precision on those days goes from {slow["precision"]:.3f} to {slow["precision_widened"]:.3f}. Of the interactions that the period is not for, all but the
first row, it goes from {before:.3f} to {after:.3f}: within a day of a conversation the same customer often has another case that was opened or worked on,
and `created_with` and `touched_with` go before the rules that would have been right. So name the slow days and no others."""


_PAIRS = (("correct", "links"), ("correct_widened", "links_widened"))


def main() -> None:
    parser = argparse.ArgumentParser(description="One seed's turn of the year, landed and matched twice; `benchmarks.linking` starts it.")
    parser.add_argument("--seeds", type=int, required=True, help="the seed")
    parser.add_argument("--per-day", type=int, required=True, help="conversations a day")
    parser.add_argument("--into", type=Path, required=True, help="the folder")
    given = parser.parse_args()
    land(landing.plan(given.seeds, START, DAYS, given.per_day), given.into)


if __name__ == "__main__":
    main()
