"""The laws of history over drawn worlds, of every object: order, copies and empty extracts change nothing; what was read is given back (§6.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact, salesforce_opportunity, salesforce_user
from genesys_crm_assets_tests.dimensions.crm import CREATED, READ, WORDS, Crm, at

Spelled = Mapping[str | None, Any]
Telling = dict[str, Any]
Change = tuple[float, int, str | None, str | None, int]

TEXT: Spelled = {None: None, "a": "a", "b": "b", "c": "c"}
FLAG: Spelled = {None: None, "a": True, "b": False, "c": True}
AMOUNT: Spelled = {None: None, "a": 1.0, "b": 2.0, "c": 12000.5}
AMOUNT_TOLD_BY_HISTORY: Spelled = {None: None, "a": "1", "b": "2.00", "c": "1.20005E4"}
DAY: Spelled = {None: None, "a": date(2026, 1, 1), "b": date(2026, 2, 1), "c": date(2026, 3, 1)}
DAY_TOLD_BY_HISTORY: Spelled = {letter: day and day.isoformat() for letter, day in DAY.items()}


@dataclass(frozen=True)
class Kind:
    """An object in the letters worlds are drawn in.

    Attributes:
        dimension: whose history it is.
        prefix: of its ids.
        told: two columns that tellings tell, and what the letters are in them.
        changed: two fields that history tells, and what the letters are there; the first is the first column's, the second no told one's or
            another column's.
        merges: whether Salesforce merges it.
    """

    dimension: ModuleType
    prefix: str
    told: tuple[tuple[str, Spelled], tuple[str, Spelled]]
    changed: tuple[tuple[str, Spelled], tuple[str, Spelled]]
    merges: bool = True

    def record(self, number: int | None) -> str | None:
        return None if number is None else f"{self.prefix}00000000000{number}AAA"


KINDS = [
    Kind(salesforce_case, "500", (("status", TEXT), ("type", TEXT)), (("Status", TEXT), ("Priority", TEXT))),
    Kind(salesforce_account, "001", (("customer_tier", TEXT), ("name", TEXT)), (("Account_Tier__c", TEXT), ("Industry", TEXT))),
    Kind(salesforce_contact, "003", (("email", TEXT), ("account_id", TEXT)), (("Email", TEXT), ("Phone", TEXT))),
    Kind(
        salesforce_opportunity,
        "006",
        (("amount", AMOUNT), ("close_date", DAY)),
        (("Amount", AMOUNT_TOLD_BY_HISTORY), ("CloseDate", DAY_TOLD_BY_HISTORY)),
        merges=False,
    ),
    Kind(salesforce_user, "005", (("name", TEXT), ("is_active", FLAG)), (("Name", TEXT), ("IsActive", TEXT)), merges=False),
]

RECORDS = st.integers(1, 5)
LETTERS = st.sampled_from([None, "a", "b", "c"])
SECONDS = st.integers(0, 12).map(float) | st.sampled_from([0.5, 3.25, 7.5])
TELLING = st.fixed_dictionaries(
    {
        "seconds": SECONDS,
        "record": RECORDS,
        "first": LETTERS,
        "second": LETTERS,
        "is_deleted": st.sampled_from([False, False, False, True]),
        "master": st.sampled_from([None, None, None, 1, 2, 3, 4, 5]),
        "received_at": st.sampled_from([READ, READ + timedelta(hours=2)]),
    }
)
CHANGE = st.tuples(SECONDS, st.integers(0, 1), LETTERS, LETTERS, RECORDS)
TELLINGS, CHANGES = st.lists(TELLING, max_size=12), st.lists(CHANGE, max_size=12)
EMPTY_READINGS = st.lists(st.tuples(st.integers(-3, 40), st.integers(0, 3), st.booleans()), min_size=1, max_size=4)

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: WORDS[kind.dimension])


def drawn(kind: Kind, tellings: list[Telling], changes: list[Change], *, covered: bool = True) -> Crm:
    crm = Crm(kind.dimension, covered=covered)
    for one in {(one["record"], one["seconds"]): one for one in tellings}.values():
        values = {column: spelled[one[place]] for (column, spelled), place in zip(kind.told, ("first", "second"), strict=True)}
        if kind.dimension is not salesforce_user:
            values["is_deleted"] = one["is_deleted"]
        if kind.merges:
            values["master_record_id"] = kind.record(one["master"])
        crm.tell(one["seconds"], str(kind.record(one["record"])), received_at=one["received_at"], **values)
    for seconds, place, old, new, record in changes:
        field, spelled = kind.changed[place]
        crm.change(seconds, field, spelled[old], spelled[new], str(kind.record(record)))
    return crm


@pytest.mark.shows("S0-58", "S0-63")
@EACH
@FEW
@given(TELLINGS, CHANGES, st.randoms(use_true_random=False))
def test_any_order_of_tellings_and_of_reading_history_and_any_number_of_copies_give_the_same_rows(
    kind: Kind, tellings: list[Telling], changes: list[Change], random: Random
):
    crm = drawn(kind, tellings, changes)
    before = crm.versions()
    crm.tellings += [dict(row) for row in crm.tellings if random.random() < 0.5]
    crm.history += [dict(row) for row in crm.history if random.random() < 0.5]
    assert crm.versions(random) == before


@pytest.mark.shows("S0-60")
@EACH
@FEW
@given(TELLINGS, CHANGES)
def test_every_drawn_world_obeys_the_laws_of_versions(kind: Kind, tellings: list[Telling], changes: list[Change]):
    """Deletions, undeletions, merges, nulls and several changes in one second among them."""
    crm = drawn(kind, tellings, changes)
    broken = {name: figures for name, figures in crm.proofs().items() if not figures["holds"]}
    assert broken == {}
    keys = [row["version_key"] for row in crm.versions()]
    assert len(keys) == len(set(keys))


@EACH
@FEW
@given(TELLINGS, CHANGES)
def test_replayed_at_a_readings_moment_history_gives_the_reading_back(kind: Kind, tellings: list[Telling], changes: list[Change]):
    """Unless history spoke in that very second, or a later reading of it did."""
    crm = drawn(kind, tellings, changes)
    rows = crm.versions()
    spoken = {(kind.record(record), int(seconds)) for seconds, _, _, _, record in changes if kind.dimension is not salesforce_user}
    told = [(row[crm.id_column], int((row["system_modstamp"] - at(0)).total_seconds())) for row in crm.tellings]
    columns = [column for column, _ in kind.told]
    for row, place in zip(crm.tellings, told, strict=True):
        if row.get("is_deleted") or row["received_at"] > READ or place in spoken or told.count(place) > 1:
            continue
        moment = row["system_modstamp"]
        (version,) = [
            one
            for one in rows
            if one[crm.id_column] == row[crm.id_column]
            and one["valid_from"] <= moment
            and (one["valid_to"] is None or moment < one["valid_to"])
        ]
        assert [version[column] for column in columns] == [row[column] for column in columns]


@pytest.mark.shows("S0-63")
@EACH
@FEW
@given(TELLINGS, CHANGES, EMPTY_READINGS)
def test_an_empty_extract_changes_nothing(
    kind: Kind, tellings: list[Telling], changes: list[Change], readings: list[tuple[int, int, bool]]
):
    """However many days are read, by themselves or as a baseline, and tell nothing; no telling waits for such a reading here."""
    crm = drawn(kind, [{**one, "received_at": READ} for one in tellings], changes)
    before = crm.versions()
    for days, later, baseline in readings:
        crm.read(READ + timedelta(days=later, hours=2), day=CREATED + timedelta(days=days), baseline=baseline)
    assert crm.versions() == before


@pytest.mark.shows("S0-63")
@EACH
@FEW
@given(TELLINGS, CHANGES, EMPTY_READINGS)
def test_an_empty_extract_never_ends_what_lives(
    kind: Kind, tellings: list[Telling], changes: list[Change], readings: list[tuple[int, int, bool]]
):
    """Even where the reading it brings lets a telling that waited for it speak: who lived lives on, who was deleted stays so."""
    crm = drawn(kind, tellings, changes, covered=False)
    before = {row[crm.id_column]: row["is_deleted"] for row in crm.versions()}
    for days, later, baseline in readings:
        crm.read(READ + timedelta(days=later, hours=2), day=CREATED + timedelta(days=days), baseline=baseline)
    after = crm.versions()
    assert {row[crm.id_column] for row in after if row["is_current"]} == {record for record, is_deleted in before.items() if not is_deleted}
    assert {row[crm.id_column]: row["is_deleted"] for row in after} == before
