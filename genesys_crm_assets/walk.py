"""A run, day by day: the body of every asset (§5.1).

A table finishes its range before the next begins. Each day is built, proved and published by itself, its checks and figures logged as its
own; a day that fails stops the walk and leaves the days before it published and shown as such. Days outside the range that lag are rebuilt
in the same walk. Not here: what is built (`lake`), or when runs happen (`automation`).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg

from genesys_crm_assets import partitions, preview
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Aside, Builder
from genesys_crm_assets.lake.errors import TransientLakeError
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.resources import EXPLAINED, Lake
from genesys_crm_assets.sources.errors import Transient


@dataclass(frozen=True, slots=True)
class Made:
    """One object written aside.

    Attributes:
        aside: the object.
        figures: of its making, beside its rows: requests, waits, the vendor's own totals.
        settle: called once the object stands.
    """

    aside: Aside
    figures: Mapping[str, Any] = field(default_factory=dict)
    settle: Callable[[], None] | None = None


GLANCED_AT = 31
"""Days of a walk, the newest, whose rows are shown in the UI; of a year's backfill nobody looks at each, and every event keeps what it shows."""

LOOK_BACK = "genesys_crm/look_back"
"""The tag of runs that build the links and facts of the last `LOOKBACK_DAYS` again."""

Step = Callable[[Builder, date], Sequence[Made]]


def build(
    context: dg.AssetExecutionContext, lake: Lake, table: Table, body: Body, told: Mapping[str, str] | None = None
) -> dg.MaterializeResult:
    """Build a table from its body: the days asked for and those that lag, or the one object of a table without partitions.

    `told` are settings of this run that go before the configured ones; objects built with them say so in their papers.
    """
    if not table.daily:
        return whole(context, lake, table, body)

    def step(builder: Builder, day: date) -> list[Made]:
        return [Made(builder.aside(table, body, day, papers))]

    papers = {"told": json.dumps(told, sort_keys=True)} if told else {}
    asked = partitions.days_of(context)
    todo = {*asked, *lake.lagging(table, body)}
    if body.looks_back and context.run.tags.get(LOOK_BACK) == "true":
        todo |= set(lake.days_before(asked, table, body))
    (result,) = days(context, lake, [table], todo, step, told)
    return result


def whole(context: dg.AssetExecutionContext, lake: Lake, table: Table, body: Body) -> dg.MaterializeResult:
    """Build the one object of a table without partitions from its body."""
    return once(context, lake, table, lambda builder: Made(builder.aside(table, body, None)))


def once(context: dg.AssetExecutionContext, lake: Lake, table: Table, step: Callable[[Builder], Made]) -> dg.MaterializeResult:
    """Build and publish the one object of a table; its data version is its content, so the unchanged paints nothing stale."""
    builder = lake.builder(context.run.run_id)
    with _explained(context, table, None), builder.holding(table, None):
        made = step(builder)
        checks = [_result(made.aside, verdict.proof, holds=verdict.holds, figures=verdict.figures) for verdict in made.aside.verdicts]
        if not made.aside.holds:
            for verdict in made.aside.verdicts:
                _log_check(context, made.aside, verdict.proof, holds=verdict.holds, figures=verdict.figures)
            raise _failure(made.aside)
        said = _metadata(made)
        builder.publish(made.aside)
        if made.settle is not None:
            made.settle()
    lake.warehouse().refresh()
    return dg.MaterializeResult(metadata=said, check_results=checks, data_version=dg.DataVersion(made.aside.content))


def days(  # noqa: PLR0913, PLR0917 - the one walk of every daily asset
    context: dg.AssetExecutionContext,
    lake: Lake,
    tables: Sequence[Table],
    todo: Iterable[date],
    step: Step,
    told: Mapping[str, str] | None = None,
) -> list[dg.MaterializeResult]:
    """Build and publish the days, one `MaterializeResult` per table; raises `dagster.Failure` at the first that cannot be.

    The first day of the calendar, which may be a baseline, goes first; then the days asked for, in order; then the days that lag, so
    that an old day nobody can mend tonight holds no new one back.

    Args:
        context: of the asset; its partitions are the range.
        lake: where objects go.
        tables: the tables a step makes, in the order it returns them and they are published in.
        todo: the days, inside the range or not.
        step: writes the objects of one day aside.
        told: settings of this run that go before the configured ones.
    """
    asked = set(partitions.days_of(context))
    walk = _Walk(context, asked, set(sorted(set(todo))[-GLANCED_AT:]))
    builder = lake.builder(context.run.run_id, told)
    for day in sorted(set(todo), key=lambda one: (one != lake.first_day, one not in asked, one)):
        with _explained(context, tables[0], day, walk), builder.holding(tables[0], day):
            walk.take(builder, step(builder, day), day)
    with _explained(context, tables[0], None, walk):
        lake.warehouse().refresh()
    return [_closing(table, walk.proofs.get(table.name, [])) for table in tables]


def view(context: dg.AssetExecutionContext, lake: Lake, table: Table, _body: Body) -> dg.MaterializeResult:
    """Bring the warehouse up to date and read the view once, over the newest days: a view that cannot be read is not materialised.

    Over all days it would be read by whoever asks it; here that would make every night dearer than the one before (P9).
    """
    with _explained(context, table, None):
        written = lake.warehouse().refresh()
        with lake.shown(table, preview.NEWEST_DAYS) as session:
            found = [row[0] for row in session.execute(f"describe {table.qualified}").fetchall()]
            shown = session.sql(f"select * from {table.qualified} {preview.choice(table)}").to_arrow_table()
    wanted = [column.name for column in table.columns]
    if sorted(found) != sorted(wanted):
        raise dg.Failure(f"{table.name}: view and contract differ in {sorted({*found} ^ {*wanted})}; make them agree", allow_retries=False)
    about = f"{preview.markdown(table, shown)}\n\nComputed over the newest {preview.NEWEST_DAYS} days; the warehouse shows all."
    said: dict[str, Any] = {"warehouse_written": written, "preview": dg.MetadataValue.md(about)}
    return dg.MaterializeResult(metadata=said)


@dataclass
class _Walk:
    context: dg.AssetExecutionContext
    asked: set[date]
    shown: set[date]
    published: list[tuple[date, Table, dict[str, Any]]] = field(default_factory=list)
    proofs: dict[str, list[str]] = field(default_factory=dict)

    def take(self, builder: Builder, made: Sequence[Made], day: date) -> None:
        for one in made:
            aside = one.aside
            self.proofs[aside.table.name] = [verdict.proof for verdict in aside.verdicts]
            for verdict in aside.verdicts:
                _log_check(self.context, aside, verdict.proof, holds=verdict.holds, figures=verdict.figures)
        for one in made:
            if not one.aside.holds:
                raise _failure(one.aside)
        for one in made:
            said = _metadata(one, is_shown=day in self.shown)
            builder.publish(one.aside)
            if one.settle is not None:
                one.settle()
            self.published.append((day, one.aside.table, said))
            self._report(day, one.aside, said)

    def _report(self, day: date, aside: Aside, said: dict[str, Any]) -> None:
        key = dg.AssetKey(aside.table.name)
        self.context.log.info("%s %s: %s rows, %s bytes", aside.table.name, day, aside.rows, aside.size)
        if day in self.asked:
            self.context.add_asset_metadata(said, asset_key=key, partition_key=day.isoformat())
        else:
            self.context.log_event(dg.AssetMaterialization(key, partition=day.isoformat(), metadata=said))

    def record_published(self) -> None:
        """Only a walk that fails records its days itself: on success the step's own result does."""
        for day, table, said in self.published:
            if day in self.asked:
                self.context.log_event(dg.AssetMaterialization(dg.AssetKey(table.name), partition=day.isoformat(), metadata=said))


class _explained:  # noqa: N801 - reads as a word where it stands: `with _explained(…)`
    """Turns what the libraries raise into a Dagster failure of one sentence, after recording what was published before it."""

    def __init__(self, context: dg.AssetExecutionContext, table: Table, day: date | None, walk: _Walk | None = None) -> None:
        self._context, self._table, self._day, self._walk = context, table, day, walk

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if self._walk is not None:
            self._walk.record_published()
        if isinstance(error, EXPLAINED):
            place = f"{self._table.name} {self._day}" if self._day else self._table.name
            again = isinstance(error, TransientLakeError | Transient)
            raise dg.Failure(f"{place}: {error}", allow_retries=again) from None


def _metadata(made: Made, *, is_shown: bool = True) -> dict[str, Any]:
    aside = made.aside
    count = {"dagster/partition_row_count": aside.rows} if aside.day else {"dagster/row_count": aside.rows}
    glance = {"preview": dg.MetadataValue.md(preview.markdown(aside.table, preview.rows(aside.table, aside.path)))} if is_shown else {}
    return {**count, "bytes": aside.size, **made.figures, **glance}


def _log_check(context: dg.AssetExecutionContext, aside: Aside, proof: str, *, holds: bool, figures: Mapping[str, Any]) -> None:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(aside.table.name),
        check_name=proof,
        passed=holds,
        partition=aside.day.isoformat() if aside.day else None,
        blocking=True,
        metadata=_shown(figures),
    )
    context.log_event(evaluation)


def _result(aside: Aside, proof: str, *, holds: bool, figures: Mapping[str, Any]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=proof, asset_key=dg.AssetKey(aside.table.name), passed=holds, metadata=_shown(figures))


def _closing(table: Table, proofs: Sequence[str]) -> dg.MaterializeResult:
    checks = [dg.AssetCheckResult(check_name=proof, asset_key=dg.AssetKey(table.name), passed=True) for proof in proofs]
    return dg.MaterializeResult(asset_key=dg.AssetKey(table.name), check_results=checks)


def _failure(aside: Aside) -> dg.Failure:
    broken = [verdict for verdict in aside.verdicts if not verdict.holds]
    said = "; ".join(f"{verdict.proof} ({', '.join(f'{name} {value}' for name, value in verdict.figures.items())})" for verdict in broken)
    message = (
        f"{aside.table.name} {aside.day or ''}: {said}. The object before it stays; see the check's figures, mend the cause and run again"
    )
    return dg.Failure(message, allow_retries=False)


def _shown(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool | int | float | str) else str(value) for name, value in figures.items()}
