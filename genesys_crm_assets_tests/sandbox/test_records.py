"""A record's history and its current values tell the same story."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.records import HISTORIES, TRACKED, Crm, Record, Rotate
from genesys_crm_assets.sandbox.world import World

NOW = 10_000
AT_NOON = clock.midnight(date(2026, 1, 8)) + 12 * clock.HOUR


def crm_of(*changes: tuple[int, dict[str, Any]]):
    crm = Crm(names={"005A": "Ann", "005B": "Bob"})
    record = crm.add(Record("Case", "500X", 100, "005A", {"Status": "New", "Priority": "Low", "OwnerId": "005A", "IsDeleted": False}))
    for at, values in changes:
        record.change(at, values)
    return crm


def test_a_lookup_that_changes_leaves_two_rows_names_and_ids():
    tables = crm_of((500, {"OwnerId": "005B"})).tables(NOW)
    rows = [(row["Field"], row["DataType"], row["OldValue"], row["NewValue"]) for row in tables["CaseHistory"] if row["Field"] != "created"]
    assert sorted(rows) == [("Owner", "EntityId", "005A", "005B"), ("Owner", "Text", "Ann", "Bob")]


def test_a_creation_leaves_a_row_without_values():
    rows = crm_of().tables(NOW)["CaseHistory"]
    assert [(row["Field"], row["OldValue"], row["NewValue"], row["CreatedDate"]) for row in rows] == [
        ("created", None, None, clock.crm(100))
    ]


def test_a_stamp_may_move_without_anything_to_see():
    [row] = crm_of((700, {})).tables(NOW)["Case"]
    assert (row["SystemModstamp"], row["LastModifiedDate"]) == (clock.crm(700), clock.crm(100))


def test_nothing_of_the_future_is_known():
    crm = crm_of((500, {"Status": "Working"}), (900, {"Status": "Closed"}))
    assert crm.tables(99)["Case"] == []
    assert crm.tables(600)["Case"][0]["Status"] == "Working"
    assert len(crm.tables(600)["CaseHistory"]) == 2


MOMENTS = st.integers(50, 1_000)
CHANGES = st.tuples(MOMENTS, st.sampled_from([{"Status": "Working"}, {"Priority": "High"}, {"OwnerId": "005B"}, {}]))


@given(st.lists(CHANGES, max_size=6), st.lists(MOMENTS | CHANGES | st.none(), max_size=12))
def test_tables_asked_for_again_and_again_are_the_tables_asked_for_once(before: list[Any], steps: list[Any]):
    """What a record told is kept until it changes: neither the order of questions nor a change of plans may show."""
    crm, said = crm_of(*before), list(before)
    for step in steps:
        if isinstance(step, tuple):
            crm.records["Case"]["500X"].change(*step)
            said.append(step)
        elif step is None:
            crm.records["Case"]["500X"].forget_after(500)
            said = [one for one in said if max(one[0], 100) <= 500]
        else:
            rows, fresh = crm.tables(step), crm_of(*said).tables(step)
            assert rows["Case"] == fresh["Case"]
            assert _unnumbered(rows["CaseHistory"]) == _unnumbered(fresh["CaseHistory"])


def _unnumbered(rows: list[dict[str, Any]]) -> list[str]:
    """The rows without their ids, which count every change that was ever planned."""
    return sorted(str({**row, "Id": ""}) for row in rows)


def test_what_did_not_change_is_not_worked_out_again():
    crm = crm_of((500, {"Status": "Working"}))
    assert crm.tables(600)["Case"][0] is crm.tables(900)["Case"][0]
    assert crm.tables(400)["Case"][0] is not crm.tables(600)["Case"][0]


@pytest.mark.parametrize(("at", "status"), [(50, "New"), (499, "New"), (500, "Working"), (950, "Closed")])
def test_a_field_can_be_read_at_any_moment(at: int, status: str):
    crm = crm_of((900, {"Status": "Closed"}), (500, {"Status": Rotate(("New", "Working"), 0)}), (600, {"Priority": "High"}))
    assert crm.records["Case"]["500X"].value("Status", at) == status


@pytest.mark.parametrize("step", range(7))
def test_a_rotation_always_changes_the_value(step: int):
    pool = ("Low", "Medium", "High")
    for current in (*pool, "Critical", None):
        assert Rotate(pool, step).after(current) != current


def test_history_replayed_forward_ends_at_the_current_values(world: World):
    """What dimensions rebuild from history must be what the record says, for every tracked field of every object."""
    tables = world.tables(AT_NOON)
    for kind, history in HISTORIES.items():
        current = {row["Id"]: row for row in tables[kind]}
        rows = defaultdict(list)
        for row in tables[history]:
            if row["OldValue"] is not None or row["NewValue"] is not None:
                rows[row[f"{kind}Id"], row["Field"], row["CreatedDate"]].append(row)
        last = {}
        for (record, field, _), changes in sorted(rows.items(), key=lambda item: item[0][2]):
            ids = [row for row in changes if row["DataType"] == "EntityId"] or changes
            news, olds = {row["NewValue"] for row in ids}, {row["OldValue"] for row in ids}
            # Within one second the end is the value from which no other change starts.
            last[record, field] = (news - olds or news).pop()
        for (record, field), value in last.items():
            name = field if field in TRACKED[kind] else f"{field}Id"
            assert current[record][name] == value
