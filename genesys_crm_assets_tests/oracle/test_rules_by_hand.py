"""Every example of `docs/rules.md` comes out of the slow re-computation as a person worked it out.

An example says a subset of columns; the rest is not compared. The order of rows counts where the page says it does.
"""

import json
from collections.abc import Callable
from datetime import date

import pytest

from . import audit
from .activity import queue_activity
from .conversations import metrics, winner
from .examples import Example, crm, history_rows, interaction, load, plain, reads, said, settings, telling, told, typed, words
from .facts import facts
from .history import ID_COLUMN, dimension
from .linking import links
from .shape import examine
from .values import Row

EXAMPLES = load()


def dimensions_of(given: Row) -> tuple[dict[str, list[Row]], list[Row]]:
    """The dimensions by entity, and all field history."""
    known = crm(given)
    kinds = {"case": "cases", "account": "accounts", "contact": "contacts", "user": "users"}
    history, seen = known["field_history"], known["history_reads"]
    return {entity: dimension(entity.capitalize(), known[plural], history, seen) for entity, plural in kinds.items()}, history


def linked(given: Row) -> tuple[Row, Row, dict[str, list[Row]]]:
    """The interaction, its link and the dimensions."""
    dimensions, history = dimensions_of(given)
    row = interaction(given["interaction"])
    return row, links([row], dimensions, history, settings(given.get("settings")))[0], dimensions


def of_conversation(given: Row) -> Row:
    assert examine(json.dumps(given["record"]).encode(), given.get("raw_day", date(2026, 1, 5))) is None
    return metrics(given["record"], words(given.get("words")))


def of_history(given: Row) -> Row:
    kind = given["object"]
    tellings = [telling(kind, row) for row in given["tellings"]]
    rows = history_rows(kind, given.get("history", []), tellings[0][ID_COLUMN[kind]])
    return {"versions": dimension(kind, tellings, rows, reads(given.get("reads")))}


def of_fact(given: Row) -> Row:
    row, link, dimensions = linked(given)
    return {table: rows for table, rows in facts([row], [link], dimensions).items() if rows}


def of_variance(given: Row) -> Row:
    total = audit.variance(given["theirs"], given["ours"])
    left = audit.unexplained(given["theirs"], given["ours"], given.get("with_all_told") or given["ours"])
    return {"variance": round(total, 6), "unexplained": round(left, 6)}


WORK_OUT: dict[str, Callable[[Row], Row]] = {
    "conversation": of_conversation,
    "examine": lambda given: {"reason": examine(json.dumps(given["record"]).encode(), given["raw_day"])},
    "tellings": lambda given: {"rows": winner(told(given["tellings"]), words(given.get("words")))},
    "activity": lambda given: {"rows": queue_activity(told(given["tellings"]), given["day"])},
    "history": of_history,
    "link": lambda given: linked(given)[1],
    "fact": of_fact,
    "variance": of_variance,
    "link_expectation": lambda given: {"rows": audit.link_expectation(given["links"], lambda link: link["day_utc"])},
    "escalation_by_tier": lambda given: {"rows": audit.escalation_by_tier(given["interactions"], given["last_final_day"])},
}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.rule for example in EXAMPLES])
def test_an_example_worked_by_hand_comes_out_as_written(example: Example):
    actual = plain(WORK_OUT[example.kind](typed("given", example.given)))
    assert said(actual, example.expected) == example.expected
    # A table that a fact example does not name must be empty.
    assert example.kind != "fact" or actual.keys() == example.expected.keys()


def test_every_example_has_a_name_of_its_own():
    """A failing example must be found on the page by its id."""
    assert len({example.rule for example in EXAMPLES}) == len(EXAMPLES)
