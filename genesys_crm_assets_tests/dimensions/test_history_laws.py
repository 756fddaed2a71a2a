"""The laws of history over drawn worlds: order, copies and re-runs change nothing; versions obey; what was read is given back (§6.4, P3)."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_crm_assets_tests.dimensions.crm import READ, Crm, at

RECORDS = [f"50000000000000{number}AAA" for number in range(1, 6)]
VALUES = st.sampled_from([None, "a", "b", "c"])
SECONDS = st.integers(0, 12).map(float) | st.sampled_from([0.5, 3.25, 7.5])

TELLING = st.fixed_dictionaries(
    {
        "seconds": SECONDS,
        "record": st.sampled_from(RECORDS),
        "status": VALUES,
        "type": VALUES,
        "is_deleted": st.sampled_from([False, False, False, True]),
        "master_record_id": st.sampled_from([None, None, None, *RECORDS]),
        "received_at": st.sampled_from([READ, READ + timedelta(hours=2)]),
    }
)
CHANGE = st.tuples(SECONDS, st.sampled_from(["Status", "Priority"]), VALUES, VALUES, st.sampled_from(RECORDS))
Telling = dict[str, Any]
Change = tuple[float, str, str | None, str | None, str]
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawn(tellings: list[Telling], changes: list[Change]) -> Crm:
    crm = Crm()
    for telling in {(one["record"], one["seconds"]): one for one in tellings}.values():
        crm.tell(**telling)
    for change in changes:
        crm.change(*change)
    return crm


@pytest.mark.shows("S0-58", "S0-63")
@FEW
@given(st.lists(TELLING, max_size=12), st.lists(CHANGE, max_size=12), st.randoms(use_true_random=False))
def test_any_order_of_tellings_and_any_number_of_copies_give_the_same_rows(tellings: list[Telling], changes: list[Change], random: Random):
    crm = drawn(tellings, changes)
    before = crm.versions()
    crm.tellings += [dict(row) for row in crm.tellings if random.random() < 0.5]
    crm.history += [dict(row) for row in crm.history if random.random() < 0.5]
    assert crm.versions(random) == before


@pytest.mark.shows("S0-60")
@FEW
@given(st.lists(TELLING, max_size=12), st.lists(CHANGE, max_size=12))
def test_every_drawn_world_obeys_the_laws_of_versions(tellings: list[Telling], changes: list[Change]):
    crm = drawn(tellings, changes)
    broken = {name: figures for name, figures in crm.proofs().items() if not figures["holds"]}
    assert broken == {}
    keys = [row["version_key"] for row in crm.versions()]
    assert len(keys) == len(set(keys))


@FEW
@given(st.lists(TELLING, max_size=12), st.lists(CHANGE, max_size=12))
def test_replayed_at_a_readings_moment_history_gives_the_reading_back(tellings: list[Telling], changes: list[Change]):
    """Unless history spoke in that very second, or a later reading of it did."""
    crm = drawn(tellings, changes)
    rows = crm.versions()
    spoken = {(record, int(seconds)) for seconds, _, _, _, record in changes}
    told = [(row["case_id"], int((row["system_modstamp"] - at(0)).total_seconds())) for row in crm.tellings]
    for row, place in zip(crm.tellings, told, strict=True):
        if row["is_deleted"] or row["received_at"] > READ or place in spoken or told.count(place) > 1:
            continue
        moment = row["system_modstamp"]
        (version,) = [
            one
            for one in rows
            if one["case_id"] == row["case_id"] and one["valid_from"] <= moment and (one["valid_to"] is None or moment < one["valid_to"])
        ]
        assert (version["status"], version["type"]) == (row["status"], row["type"])
