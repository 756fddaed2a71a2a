"""Linking on worlds whose truth is known: `docs/linking.md`, by `make linking` or `python -m benchmarks.linking --seeds 11,23,47`.

For each seed a process of its own (the calendar begins at import) starts the sandbox and runs the whole day job over seven days and the day
under way into a temporary folder; then the links of all worlds are put beside what the sandbox knows. Not here: the processes (`landing.py`), the
turn of the year (`linking_year_end.py`), the page (`linking_page.py`) and the words for a miss (`linking_misses.py`).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
from rich.console import Console

from benchmarks import landing, linking_page, linking_year_end
from genesys_crm_assets import demonstration
from genesys_crm_assets.lake.body import sql_beside
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets.sandbox.truth import Truth

# A Monday long past: nobody's clock can stand before the end of that week.
START = date(2026, 1, 5)
DAYS = 7
# Three weeks take their time even without the days' other tables.
FEWER_AT_YEAR_END = 4
READ = (
    "facts.interaction_links",
    "staging.staging_genesys_metrics",
    "staging.staging_salesforce_field_history",
    "dimensions.dim_salesforce_case",
    "dimensions.dim_salesforce_contact",
    "audit.link_expectation",
)
ASKED = ("expected", "recall", "told", "candidates", "methods", "truths", "causes", "open_cases", "fan_out")
TRUTH = pa.schema(
    [
        ("interaction_id", pa.string()),
        ("seed", pa.int64()),
        ("case_id", pa.string()),
        ("contact_id", pa.string()),
        ("told_case_id", pa.string()),
        ("reachable", pa.bool_()),
        ("how", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class World:
    """One seed's world after the platform went over it: the warehouse it left, and what is true."""

    seed: int
    warehouse: Path
    truth: Mapping[str, Truth]


def land(plan: Plan, folder: Path) -> None:
    """Run the whole day job over a sandbox; leaves the lake, the warehouse and the truth in a folder."""
    from genesys_crm_assets.definitions import build_defs, lake_of  # noqa: PLC0415 - slow to import, and only the processes need it

    with running(plan) as vendors:
        told = landing.told(vendors, folder)
        console = Console(file=sys.stderr, width=140)
        with dg.DagsterInstance.ephemeral() as instance:
            outcome = demonstration.materialise(build_defs(told), instance, vendors.days[0], vendors.now.date(), console)
        lake_of(told).warehouse().refresh()
        (folder / "truth.json").write_text(json.dumps({key: asdict(one) for key, one in vendors.truth.items()}), encoding="utf-8")
    if not outcome.success:
        sys.exit(f"seed {plan.seed} failed at {', '.join(outcome.failed) or 'a blocking check'}; its log is above")


def landed(seed: int, folder: Path) -> World:
    """The world that was landed in a folder."""
    known = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return World(seed, folder / "warehouse.duckdb", {key: Truth(**one) for key, one in known.items()})


def gathered(worlds: Sequence[World]) -> duckdb.DuckDBPyConnection:
    """The tables of some worlds as one warehouse in memory, with `truth`, `weighed` and `judged` beside them."""
    engine = duckdb.connect(":memory:")
    engine.execute("set timezone = 'UTC'")
    for schema in ("facts", "staging", "dimensions", "audit"):
        engine.execute(f"create schema {schema}")
    readers = [duckdb.connect(str(world.warehouse), read_only=True) for world in worlds]
    try:
        for name in READ:
            # The same contract everywhere, so the tables of all worlds stand one below the other.
            _take(engine, name, pa.concat_tables([reader.sql(f"select * from {name}").to_arrow_table() for reader in readers]))
        _take(engine, "audit.settings", readers[0].sql("select * from audit.settings").to_arrow_table())
    finally:
        for reader in readers:
            reader.close()
    known = [{"interaction_id": key, "seed": world.seed, **asdict(one)} for world in worlds for key, one in world.truth.items()]
    _take(engine, "truth", pa.Table.from_pylist(known, schema=TRUTH))
    for name in ("weighed", "judged"):
        engine.execute(f"create table {name} as {sql_beside(__file__, name)}")
    return engine


def _take(engine: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    engine.register("taken", table)
    engine.execute(f"create table {name} as select * from taken")
    engine.unregister("taken")


def asked(engine: duckdb.DuckDBPyConnection, question: str) -> list[dict[str, Any]]:
    """The rows of `linking.<question>.sql` over gathered worlds."""
    return list(engine.sql(sql_beside(__file__, question)).to_arrow_table().to_pylist())


def rules(engine: duckdb.DuckDBPyConnection, worlds: Sequence[World]) -> list[dict[str, Any]]:
    """Precision and recall by rule beside the naive joins, as the demo prints them."""
    return demonstration.links(engine, {key: one for world in worlds for key, one in world.truth.items()})


def measured(worlds: Sequence[World]) -> linking_page.Findings:
    """Everything the page says of some worlds."""
    with gathered(worlds) as engine:
        return linking_page.Findings(
            rules=rules(engine, worlds),
            worst=asked(engine, "worst"),
            answers={question: asked(engine, question) for question in ASKED},
        )


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Linking against the sandbox's truth, as docs/linking.md.")
    parser.add_argument("--seeds", default="11,23,47", help="seeds of the worlds, with commas between")
    parser.add_argument("--per-day", type=int, default=2000, help="conversations a day")
    parser.add_argument("--out", type=Path, default=Path("docs/linking.md"), help="the page")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    given = _parsed()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    if given.into is not None:
        land(landing.plan(seeds[0], START, DAYS, given.per_day), given.into)
        return
    fewer = max(1, given.per_day // FEWER_AT_YEAR_END)
    with tempfile.TemporaryDirectory() as home:
        weeks = {seed: Path(home) / f"{seed}" for seed in seeds}
        years = {seed: Path(home) / f"{seed} year end" for seed in seeds}
        landing.run(
            [
                *(
                    landing.Errand("benchmarks.linking", seed, START, folder, {"--per-day": given.per_day})
                    for seed, folder in weeks.items()
                ),
                *(linking_year_end.errand(seed, fewer, folder) for seed, folder in years.items()),
            ]
        )
        worlds = [landed(seed, folder) for seed, folder in weeks.items()]
        each = {world.seed: measured([world]) for world in worlds}
        together = measured(worlds)
        with linking_year_end.gathered(years) as engine:
            year_end = linking_year_end.section(seeds, fewer, linking_year_end.asked(engine))
    page = linking_page.written(linking_page.Scene(tuple(seeds), START, DAYS, given.per_day), each, together)
    given.out.write_text(f"{page}\n{year_end}\n", encoding="utf-8")
    print(f"{given.out} is written")


if __name__ == "__main__":
    main()
