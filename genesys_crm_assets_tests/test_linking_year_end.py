"""The turn of a year, landed once and matched twice (S0-66…69): the promises of the last section of `docs/linking.md`, on a small world."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from benchmarks import linking_year_end

# A neighbour's seed, not one chosen for what it shows.
SEED, PER_DAY = 47, 150

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Three weeks around New Year, in a process of its own: this one's calendar begins later."""
    folder = tmp_path_factory.mktemp("year end") / "world"
    linking_year_end.errand(SEED, PER_DAY, folder).run()
    with linking_year_end.gathered({SEED: folder}) as tables:
        yield tables


@pytest.fixture(scope="module")
def spans(engine: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    return {row["span"]: row for row in linking_year_end.asked(engine)["spans"]}


@pytest.mark.shows("S0-66")
def test_fewer_interactions_are_linked_to_a_case_while_cases_are_logged_late(spans: dict[str, dict[str, Any]]):
    """Per true case: in a small world the share of conversations that have one swings more from week to week than the drop is large."""
    slow, others, week = (spans[name] for name in (linking_year_end.SLOW, linking_year_end.OTHERS, linking_year_end.WEEK))
    assert week["per_case"] < 0.985 * linking_year_end.beside(list(spans.values()), "per_case")
    assert slow["per_case"] < 0.96 * others["per_case"]
    assert slow["recall"] < others["recall"] - 0.15


@pytest.mark.shows("S0-66", "S0-67", "S0-69")
def test_with_the_period_as_run_configuration_the_drop_is_gone_and_recall_is_up(spans: dict[str, dict[str, Any]]):
    """Gone but for chance: of some four hundred true cases of the slow days the share found has a standard error of one in a hundred."""
    slow, others, week = (spans[name] for name in (linking_year_end.SLOW, linking_year_end.OTHERS, linking_year_end.WEEK))
    assert week["per_case_widened"] >= 0.98 * linking_year_end.beside(list(spans.values()), "per_case")
    assert slow["per_case_widened"] >= 0.97 * others["per_case"]
    assert slow["linked_widened"] > slow["linked"] + 0.03
    assert slow["recall_widened"] > slow["recall"] + 0.10
    assert slow["precision_widened"] > slow["precision"]


@pytest.mark.shows("S0-66")
def test_a_conversation_of_the_old_year_finds_its_case_of_the_new_one(engine: duckdb.DuckDBPyConnection):
    """Each of these cases was logged hours after its conversation: by the usual window none is found, with the period most are."""
    found = dict(engine.execute("select matched, avg(is_right::int) from judged where how = 'created_late' group by matched").fetchall())
    assert found["usual"] == 0
    assert found["widened"] > 0.75
    late = "how = 'created_late' and day_utc = date '2025-12-31' and matched = 'widened'"
    assert engine.execute(f"select count(*) from judged where {late} and is_right").fetchall()[0][0] > 5


def test_the_period_leaves_every_other_day_as_it_was(engine: duckdb.DuckDBPyConnection):
    changed = """
        select count(*) from links as usual join links as widened using (interaction_id)
        where usual.matched = 'usual' and widened.matched = 'widened'
            and usual.case_id is distinct from widened.case_id
            and usual.day_utc not between date '2025-12-30' and date '2026-01-02'
    """
    assert engine.execute(changed).fetchall()[0][0] == 0


def test_the_section_tells_the_drop_and_what_the_period_costs(engine: duckdb.DuckDBPyConnection):
    section = linking_year_end.section([SEED], PER_DAY, linking_year_end.asked(engine))
    assert "% fewer links\nin the first week of January" in section
    assert "Wed 31 Dec" in section
    assert "a case out of any window's reach" in section
