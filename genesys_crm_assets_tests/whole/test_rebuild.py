"""After a contract gained a column, older objects read as null in it until the table is built again from raw."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from genesys_crm_assets import cli, rebuilding
from genesys_crm_assets.definitions import build_defs
from genesys_crm_assets_tests import lakes
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House

TABLE, COLUMN = "staging_genesys_metrics", "invalid_told_ids"
LATER = ("fact_customer_interactions", "fact_anonymous_interactions")
STAGED, DIMENSION, OF_CASE = "staging_salesforce_cases", "dim_salesforce_case", "origin"
DAYS = (house.FIRST, house.SECOND)
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def aged(undisturbed: House, tmp_path: Path) -> House:
    """A lake whose staged conversations were written before the contract had `invalid_told_ids`, with nobody to ask."""
    lake = undisturbed.copied(tmp_path, "raw", "staging", "dimensions", "facts")
    for day in DAYS:
        _as_by_an_older_contract(lake, TABLE, COLUMN, day)
    return lake


@pytest.fixture
def aged_cases(undisturbed: House, tmp_path: Path) -> House:
    """A lake whose staged Cases were written before the contract had `origin`; the dimension stands as it was built when they had it."""
    lake = undisturbed.copied(tmp_path, "raw", "staging", "dimensions", "facts")
    for day in DAYS:
        _as_by_an_older_contract(lake, STAGED, OF_CASE, day)
    return lake


@pytest.fixture
def commanded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`genesys-crm rebuild` over a lake, as a terminal begins it."""

    def run(lake: House, table: str, **variables: str) -> Result:
        home = lake.folder / "home"
        home.mkdir(exist_ok=True)
        shutil.copy(CHECKOUT / "dagster.yaml", home)
        for name, value in {"DAGSTER_HOME": str(home), **lake.told(), **variables}.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli.app, ["rebuild", table])

    return run


def _as_by_an_older_contract(lake: House, table: str, column: str, day: date) -> None:
    path = lake.folder / "lake" / house.key(table, day, "staging")
    found = pq.ParquetFile(path).read()
    lakes.rewritten(path, found.drop_columns([column]), {"contract_version": "0"})


def _rebuilt(lake: House, table: str, size: int = 7) -> list[rebuilding.Portion]:
    portions = rebuilding.portions(lake.lake(), table, size)
    for portion in portions:
        assert rebuilding.run(build_defs(lake.told()), dg.DagsterInstance.ephemeral(), portion) == ()
    return portions


def _nulls(lake: House) -> list[tuple[object, ...]]:
    lake.lake().warehouse().refresh()
    return lake.rows(f"select day_utc, count(*) = count(*) filter ({COLUMN} is null) from staging.{TABLE} group by 1 order by 1")


@pytest.mark.shows("S2-37")
def test_an_older_partition_reads_as_null_until_the_table_is_rebuilt(aged: House, undisturbed: House):
    """§4: what was written stays readable, and says nothing of what it did not know."""
    assert _nulls(aged) == [(house.FIRST, True), (house.SECOND, True)]
    _rebuilt(aged, TABLE)
    assert _nulls(aged) == [(house.FIRST, False), (house.SECOND, False)]
    assert aged.dumps([TABLE, *LATER]) == undisturbed.dumps([TABLE, *LATER])


def test_the_newest_day_is_rebuilt_first_in_runs_of_a_bounded_size(aged: House):
    """Analysts look at yesterday before they look at last year."""
    assert [portion.days for portion in rebuilding.portions(aged.lake(), TABLE, 1)] == [(house.SECOND,), (house.FIRST,)]
    assert [portion.days for portion in rebuilding.portions(aged.lake(), TABLE, 7)] == [(house.FIRST, house.SECOND)]


def test_what_lies_between_raw_and_the_table_is_rebuilt_where_an_older_contract_wrote_it(aged: House, undisturbed: House):
    (portion,) = rebuilding.portions(aged.lake(), LATER[0], 7)
    assert portion.tables == (TABLE, LATER[0])
    (portion,) = rebuilding.portions(undisturbed.lake(), LATER[0], 7)
    assert portion.tables == (LATER[0],)


def test_a_table_without_days_is_rebuilt_whole(undisturbed: House, tmp_path: Path):
    """No days, no range: Dagster runs the job of all days without a partition where no table of it has any."""
    lake = undisturbed.copied(tmp_path, "raw", "staging", "dimensions", "facts", "marts", "audit")
    for table in ("staging_genesys_reference", "dim_date", "escalation_by_release"):
        assert _rebuilt(lake, table) == [rebuilding.Portion((table,), ())]
    assert lake.dumps() == undisturbed.dumps()


def test_a_table_without_days_is_rebuilt_after_the_older_days_it_reads(
    aged_cases: House, undisturbed: House, commanded: Callable[..., Result]
):
    """§4: rebuilt from raw. A dimension reads every staged day, so all of them stand before it is built."""
    assert aged_cases.run([house.FIRST], [DIMENSION]).success
    assert aged_cases.rows(f"select count({OF_CASE}) from dimensions.{DIMENSION}") == [(0,)]
    done = commanded(aged_cases, DIMENSION, BACKFILL_CHUNK_DAYS="1")
    assert [" ".join(line.split()) for line in done.output.splitlines()[:3]] == [
        f"1/3 {DIMENSION} {house.SECOND}…{house.SECOND} ({STAGED})",
        f"2/3 {DIMENSION} {house.FIRST}…{house.FIRST} ({STAGED})",
        f"3/3 {DIMENSION} all at once ({DIMENSION})",
    ]
    assert done.exit_code == 0
    assert aged_cases.rows(f"select count({OF_CASE}) > 0 from dimensions.{DIMENSION}") == [(True,)]
    assert aged_cases.dumps([DIMENSION, STAGED]) == undisturbed.dumps([DIMENSION, STAGED])


def test_days_that_read_a_table_without_days_wait_until_all_of_its_days_are_rebuilt(aged_cases: House):
    """The newest links would else be built over a dimension that knows only the newest Cases anew."""
    assert rebuilding.portions(aged_cases.lake(), "interaction_links", 1) == [
        rebuilding.Portion((STAGED,), (house.SECOND,)),
        rebuilding.Portion((STAGED,), (house.FIRST,)),
        rebuilding.Portion((DIMENSION,), ()),
        rebuilding.Portion(("interaction_links",), (house.SECOND,)),
        rebuilding.Portion(("interaction_links",), (house.FIRST,)),
    ]


def test_a_rebuild_that_was_cut_short_goes_on_where_it_stopped(aged_cases: House, undisturbed: House):
    """Days between that today's contract has written are left alone: a year of them takes hours."""
    key = house.key(STAGED, house.SECOND, "staging")
    shutil.copy(undisturbed.folder / "lake" / key, aged_cases.folder / "lake" / key)
    assert rebuilding.portions(aged_cases.lake(), DIMENSION, 7) == [
        rebuilding.Portion((STAGED,), (house.FIRST,)),
        rebuilding.Portion((DIMENSION,), ()),
    ]


def test_days_before_the_calendar_are_left_as_they_are(aged_cases: House):
    """`START_DATE` may move on; Dagster knows no partition before it and would refuse the whole run."""
    stands, before = (house.key(STAGED, day, "staging") for day in (house.FIRST, house.FIRST - timedelta(days=1)))
    (aged_cases.folder / "lake" / before).parent.mkdir(parents=True)
    shutil.copy(aged_cases.folder / "lake" / stands, aged_cases.folder / "lake" / before)
    for table in (STAGED, DIMENSION):
        assert rebuilding.portions(aged_cases.lake(), table, 7)[0] == rebuilding.Portion((STAGED,), DAYS)


def test_a_rebuild_that_fails_says_where_in_a_sentence(aged_cases: House, commanded: Callable[..., Result]):
    damaged = aged_cases.folder / "lake" / house.key("raw_salesforce_cases", house.SECOND, "raw")
    damaged.write_bytes(b"no Parquet")
    done = commanded(aged_cases, DIMENSION, BACKFILL_CHUNK_DAYS="1")
    said = " ".join(done.output.split())
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert said.startswith(f"{DIMENSION}: {house.SECOND}…{house.SECOND} failed at {STAGED}; see the run's log in the Dagster UI.")


def test_a_rebuild_that_is_refused_says_so_in_a_sentence(tmp_path: Path, commanded: Callable[..., Result]):
    done = commanded(House(tmp_path), "dim_date")
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert done.output == "nothing of dim_date stands yet; materialise it first\n"


def test_days_apart_are_not_joined_by_days_that_were_never_there():
    """A range would build the days between, of which there is no raw; nor are days joined that need different tables."""
    first, second, third, fifth = (date(2026, 1, day) for day in (1, 2, 3, 5))
    wanted = {first: ("a",), second: ("a",), third: ("a", "b"), fifth: ("a", "b")}
    assert list(rebuilding._parts(wanted, 7)) == [
        rebuilding.Portion(("a", "b"), (fifth,)),
        rebuilding.Portion(("a", "b"), (third,)),
        rebuilding.Portion(("a",), (first, second)),
    ]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("fact_of_life", "there is no table fact_of_life"),
        ("unified_interactions", "is a view"),
        ("raw_salesforce_cases", "is what the vendor said"),
        ("raw_genesys_interactions", "materialise its days to ask again"),
    ],
)
def test_what_cannot_be_rebuilt_says_why(undisturbed: House, table: str, why: str):
    with pytest.raises(rebuilding.RebuildRefused, match=why):
        rebuilding.portions(undisturbed.lake(), table, 7)
