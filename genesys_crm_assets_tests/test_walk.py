"""A run, day by day: what is built, what stands when a day fails, and what Dagster shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from dagster_duckdb import DuckDBResource

from genesys_crm_assets import graph, partitions, resources, walk
from genesys_crm_assets.lake import parquet
from genesys_crm_assets.lake.body import Body, Proof
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import PartitionBusy, ShrinkRefused
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.sources.errors import RateLimited
from genesys_crm_assets_tests.lake.toys import ADD_UP, BEST, BEST_DAY, BUYERS, CATALOGUE, NOW, ORDERS, TAKINGS, WHO_BOUGHT

FIRST, SECOND, THIRD = (f"2026-01-0{day}" for day in (1, 2, 3))
RANGE = {"dagster/asset_partition_range_start": FIRST, "dagster/asset_partition_range_end": THIRD}
LANDED = Body(
    reads=(), proofs=(Proof("orders_are_paid", "select count(*) filter (cents is null) = 0 as holds from aside", "Ask the buyer."),)
)


@dataclass
class Shop:
    """What the vendor of the toys tells of each day, or how it fails; and a lake to land it in."""

    root: Path
    told: dict[str, Any] = field(default_factory=dict)
    instance: dg.DagsterInstance = field(default_factory=dg.DagsterInstance.ephemeral)

    def lake(self) -> resources.Lake:
        places = {"LAKE_URL": str(self.root / "lake"), "STATE_DIR": str(self.root), "WAREHOUSE_PATH": str(self.root / "warehouse.duckdb")}
        environment = resources.Environment(told={**places, "CLOCK": NOW.isoformat()})
        return resources.Lake(environment=environment, engine=DuckDBResource(database=":memory:"), catalogue=CATALOGUE)

    def land(self, builder: Builder, day: date) -> list[walk.Made]:
        found = self.told.get(day.isoformat(), ())
        if isinstance(found, Exception):
            raise found
        rows = [{"order_id": order, "cents": cents, "buyer": "b", "seen_at": None} for order, cents in found]
        body = replace(LANDED, python=lambda _session, _day: pa.Table.from_pylist(rows, schema=body_schema(ORDERS)))
        return [walk.Made(builder.aside(ORDERS, body, day), {"requests": len(rows)})]

    def run(self, *names: str, partition: str | None = None, tags: Mapping[str, str] | None = None) -> dg.ExecuteInProcessResult:
        """Materialise some assets, all by default: a day, or the three days."""
        assets = _assets(self)
        return dg.materialize(
            assets,
            selection=list(names) or None,
            resources={"lake": self.lake()},
            instance=self.instance,
            partition_key=partition,
            tags=tags or ({} if partition else RANGE),
            raise_on_error=False,
        )

    def shown(self, table: str) -> dict[str | None, dict[str, Any]]:
        """What Dagster shows as materialised: each day's last metadata."""
        records = self.instance.fetch_materializations(dg.AssetKey(table), limit=100, ascending=True).records
        shown: dict[str | None, dict[str, Any]] = {}
        for record in records:
            event = record.asset_materialization
            assert event is not None
            shown[event.partition] = {name: value.value for name, value in event.metadata.items()}
        return shown

    def days(self, table: str) -> list[str]:
        """The days that stand in the lake."""
        return [day.isoformat() for day in self.lake().storage.days(CATALOGUE.named(table)[0])]


def _assets(shop: Shop) -> list[dg.AssetsDefinition]:
    @graph.asset(ORDERS, LANDED)
    def staging_orders(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        days = [date.fromisoformat(key) for key in context.partition_keys]
        (result,) = walk.days(context, lake, [ORDERS], days, shop.land)
        return result

    @graph.asset(TAKINGS, ADD_UP)
    def fact_takings(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        return walk.build(context, lake, TAKINGS, ADD_UP)

    @graph.asset(BUYERS, WHO_BOUGHT)
    def dim_buyer(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        return walk.build(context, lake, BUYERS, WHO_BOUGHT)

    @graph.asset(BEST_DAY, BEST)
    def best_day(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        return walk.view(context, lake, BEST_DAY, BEST)

    return [staging_orders, fact_takings, dim_buyer, best_day]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Three days of orders."""
    return Shop(tmp_path, {FIRST: [("a", 5)], SECOND: [("b", 7), ("c", 1)], THIRD: []})


def _evaluations(shop: Shop, result: dg.ExecuteInProcessResult) -> list[tuple[str, str | None, bool]]:
    """Check, day and verdict of every evaluation, those of a run that failed too."""
    events = [record.get_dagster_event() for record in shop.instance.all_logs(result.run_id) if record.is_dagster_event]
    found = [event.asset_check_evaluation_data for event in events if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION]
    return [(one.check_name, one.partition, one.passed) for one in found]


@pytest.mark.shows("S0-6", "S0-14")
def test_a_range_is_built_table_by_table_and_day_by_day(shop: Shop):
    assert shop.run().success
    assert shop.days("staging_orders") == shop.days("fact_takings") == [FIRST, SECOND, THIRD]
    with shop.lake().warehouse().open() as reader:
        assert reader.execute("select cents from facts.fact_takings order by day_utc").fetchall() == [(5,), (8,), (0,)]
        assert reader.execute("select orders from dimensions.dim_buyer").fetchall() == [(3,)]


def test_each_day_shows_its_own_figures(shop: Shop):
    shop.run()
    shown = shop.shown("staging_orders")
    assert {day: (said["dagster/partition_row_count"], said["requests"]) for day, said in shown.items()} == {
        FIRST: (1, 1), SECOND: (2, 2), THIRD: (0, 0),
    }  # fmt: skip
    assert all(said["bytes"] > 0 for said in shown.values())
    assert "| b | 7 |" in shown[SECOND]["preview"]
    assert "buyer of" not in shown[SECOND]["preview"]


def test_of_a_long_walk_only_the_newest_days_show_rows(shop: Shop):
    """Of a year's backfill nobody looks at each day, and Dagster keeps for ever what every event shows."""
    tags = {"dagster/asset_partition_range_start": FIRST, "dagster/asset_partition_range_end": "2026-02-02"}
    shop.run("staging_orders", tags=tags)
    shown = shop.shown("staging_orders")
    assert len(shown) == 33
    assert [day for day, said in shown.items() if "preview" not in said] == [FIRST, SECOND]
    assert all("bytes" in said for said in shown.values())


def test_each_days_checks_are_logged_as_its_own(shop: Shop):
    """A check of a range that does not say which day it is about helps nobody."""
    found = _evaluations(shop, shop.run())
    for day in (FIRST, SECOND, THIRD):
        assert ("orders_are_paid", day, True) in found
        assert ("takings_are_not_negative", day, True) in found


@pytest.mark.shows("S0-15")
def test_a_day_that_cannot_be_read_stops_the_walk_and_leaves_the_days_before_it(shop: Shop):
    """§5.1: what was published stays published and is shown as such; nothing downstream runs."""
    shop.told[SECOND] = ShrinkRefused("a re-read lost too much; look for lost divisions")
    result = shop.run()
    assert not result.success
    assert shop.days("staging_orders") == [FIRST]
    assert list(shop.shown("staging_orders")) == [FIRST]
    assert shop.shown("staging_orders")[FIRST]["dagster/partition_row_count"] == 1
    assert shop.days("fact_takings") == []


@pytest.mark.shows("S0-15")
def test_a_day_whose_proof_fails_keeps_its_old_object(shop: Shop):
    """The evaluation is recorded with its figures, nothing is renamed, and the day after it is not touched."""
    shop.run()
    shop.told |= {FIRST: [("a", 6)], SECOND: [("b", None)], THIRD: [("z", 9)]}
    result = shop.run()
    assert not result.success
    assert ("orders_are_paid", SECOND, False) in _evaluations(shop, result)
    shop.run("fact_takings", "best_day")
    with shop.lake().warehouse().open() as reader:
        found = reader.execute("select order_id, cents from staging.staging_orders order by all").fetchall()
    assert found == [("a", 6), ("b", 7), ("c", 1)]


def _reason(result: dg.ExecuteInProcessResult) -> str:
    (failed,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert failed.user_failure_data is not None
    return str(failed.user_failure_data.description)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ShrinkRefused("too small; run with allow_shrink"), "staging_orders 2026-01-02: too small; run with allow_shrink"),
        (PartitionBusy("busy; try again"), "staging_orders 2026-01-02: busy; try again"),
        (RateLimited("Too many requests"), "staging_orders 2026-01-02: Too many requests"),
    ],
)
def test_a_failure_is_one_sentence_with_its_remedy(error: Exception, says: str, shop: Shop):
    shop.told[SECOND] = error
    assert _reason(shop.run()).startswith(says)


@pytest.mark.parametrize(("error", "tries"), [(PartitionBusy("busy"), 2), (RateLimited("Too many"), 2), (ShrinkRefused("too small"), 1)])
def test_only_what_may_pass_by_itself_is_tried_again(error: Exception, tries: int, shop: Shop):
    """Dagster's retries are for what another attempt may mend; the rest waits for a person."""
    tried: list[date] = []

    @dg.asset(**graph.described(ORDERS, LANDED), retry_policy=dg.RetryPolicy(max_retries=1))
    def staging_orders(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        def fails(_builder: Builder, day: date) -> list[walk.Made]:
            tried.append(day)
            raise error

        (result,) = walk.days(context, lake, [ORDERS], [date(2026, 1, 1)], fails)
        return result

    dg.materialize([staging_orders], resources={"lake": shop.lake()}, instance=shop.instance, partition_key=FIRST, raise_on_error=False)
    assert len(tried) == tries


def test_a_fault_of_ours_is_shown_as_it_is_and_loses_no_day_either(shop: Shop):
    """What nobody foresaw keeps its traceback; the day before it is still shown."""
    shop.told[SECOND] = ZeroDivisionError("nobody foresaw this")
    result = shop.run()
    (failed,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert "nobody foresaw this" in str(failed.error)
    assert list(shop.shown("staging_orders")) == [FIRST]


@pytest.mark.shows("S0-15")
def test_what_lags_outside_the_range_is_rebuilt_and_reported(shop: Shop):
    """§4: lag is computed from what stands, so whoever runs next mends it, whatever was asked for."""
    shop.run()
    shop.told[FIRST] = [("a", 50)]
    shop.run("staging_orders", partition=FIRST)
    before = len(shop.instance.fetch_materializations(dg.AssetKey("fact_takings"), limit=100).records)
    assert shop.run("fact_takings", partition=THIRD).success
    records = shop.instance.fetch_materializations(dg.AssetKey("fact_takings"), limit=100).records
    assert len(records) == before + 2
    with shop.lake().warehouse().open() as reader:
        assert reader.execute("select cents from facts.fact_takings where day_utc = '2026-01-01'").fetchall() == [(50,)]


def test_a_missing_upstream_says_what_to_materialise(shop: Shop):
    result = shop.run("fact_takings", partition=SECOND)
    assert _reason(result) == "fact_takings 2026-01-02: staging_orders has no 2026-01-02; materialise staging_orders for that day first"


def test_a_table_without_partitions_tells_its_content_as_its_version(shop: Shop):
    """So that an unchanged dimension does not paint a year of facts stale."""

    def version() -> str | None:
        event = shop.instance.get_latest_materialization_event(dg.AssetKey("dim_buyer"))
        assert event is not None
        assert event.asset_materialization is not None
        return (event.asset_materialization.tags or {}).get("dagster/data_version")

    shop.run()
    first = version()
    shop.run()
    assert version() == first
    shop.told[FIRST] = [("a", 5), ("d", 1)]
    shop.run()
    assert version() != first


def test_a_view_is_read_before_it_is_called_materialised(shop: Shop):
    shop.run()
    shown = shop.shown("best_day")[None]["preview"]
    assert "| 2026-01-02 | 8 |" in shown
    assert "newest 32 days" in shown


def test_a_view_that_is_not_its_contract_is_no_view(shop: Shop):
    shop.run()
    other = replace(BEST_DAY, columns=(*BEST_DAY.columns[:1],))

    @graph.asset(other, BEST)
    def best_day(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        return walk.view(context, lake, other, BEST)

    result = dg.materialize([best_day], resources={"lake": shop.lake()}, instance=shop.instance, raise_on_error=False)
    assert _reason(result) == "best_day: view and contract differ in ['cents']; make them agree"


@pytest.mark.parametrize(("tag", "built"), [("true", [FIRST, SECOND, THIRD]), ("false", [THIRD])])
def test_only_a_run_that_looks_back_builds_the_days_before_it_again(tag: str, built: list[str], shop: Shop):
    """DESIGN §4: the daily job rebuilds links and facts of the last days, since late CRM records may have changed them."""
    shop.run()
    looking = replace(ADD_UP, looks_back=True)
    seen: list[str] = []

    @graph.asset(TAKINGS, looking)
    def fact_takings(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
        result = walk.build(context, lake, TAKINGS, looking)
        seen.extend(
            path.parent.name
            for path in sorted((shop.root / "lake/facts").rglob("day=0*/fact_takings.parquet"))
            if _run(path) == context.run.run_id
        )
        return result

    spec = dg.AssetSpec("staging_orders", partitions_def=partitions.DAILY)
    tags = {walk.LOOK_BACK: tag}
    result = dg.materialize([fact_takings, spec], resources={"lake": shop.lake()}, instance=shop.instance, partition_key=THIRD, tags=tags)
    assert result.success
    assert seen == [f"day={day[-2:]}" for day in built]


def _run(path: Path) -> str:

    return parquet.papers(path).get("run_id")


def test_an_old_day_that_nobody_can_mend_holds_no_new_one_back(shop: Shop):
    """The day asked for is published before the lagging one fails the run."""
    assert shop.run("staging_orders").success
    assert shop.run("fact_takings").success
    shop.told |= {SECOND: [("b", -1)]}
    assert shop.run("staging_orders", partition=SECOND).success
    shop.told |= {THIRD: [("d", 9)]}
    assert shop.run("staging_orders", partition=THIRD).success
    failed = shop.run("fact_takings", partition=THIRD)
    assert not failed.success
    takings = CATALOGUE.named("fact_takings")[0]
    newest = parquet.papers(shop.lake().storage.url(f"facts/fact_takings/year=2026/month=01/day=03/{takings.name}.parquet"))
    assert newest.get("run_id") == failed.run_id
