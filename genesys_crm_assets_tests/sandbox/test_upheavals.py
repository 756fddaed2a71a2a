"""What every window is sure to see: deletions that are taken back, new parents, merges in chains; in the smallest world too."""

from collections import defaultdict
from datetime import date

import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.world import World

START = date(2026, 1, 5)
FIRST = clock.midnight(START) // 1000
DAYS = 2
LAST = FIRST + DAYS * 86_400


class Seen:
    """A world looked at every twenty minutes of its window."""

    def __init__(self, seed: int) -> None:
        world = World(seed, START, DAYS, 40)
        world.ensure(LAST * 1000)
        self.tables = world.crm.tables(LAST)
        self.states: dict[tuple[str, str, str], list[object]] = defaultdict(list)
        for at in range(FIRST, LAST, 1_200):
            tables = world.crm.tables(at)
            for kind in ("Case", "Contact", "Account"):
                for row in tables[kind]:
                    for field in ("IsDeleted", "MasterRecordId", "AccountId", "ContactId"):
                        told = self.states[kind, field, row["Id"]]
                        if field in row and (not told or told[-1] != row[field]):
                            told.append(row[field])

    def of(self, kind: str, field: str):
        """The values that a field of each record went through, where it changed."""
        return {record: told for (object_, name, record), told in self.states.items() if (object_, name) == (kind, field) and len(told) > 1}

    def masters(self, kind: str):
        return {row["Id"]: row["MasterRecordId"] for row in self.tables[kind] if row["MasterRecordId"]}


@pytest.fixture(scope="module", params=[3, 4, 5])
def seen(request: pytest.FixtureRequest) -> Seen:
    return Seen(request.param)


@pytest.mark.parametrize("kind", ["Case", "Contact", "Account"])
def test_one_of_each_is_deleted_and_back_inside_the_window(seen: Seen, kind: str):
    assert [False, True, False] in seen.of(kind, "IsDeleted").values()


def test_a_caller_goes_to_another_account_and_history_tells_names_and_ids(seen: Seen):
    moved = seen.of("Contact", "AccountId")
    assert moved
    rows = [row for row in seen.tables["ContactHistory"] if row["Field"] == "Account" and row["ContactId"] in moved]
    assert {row["DataType"] for row in rows} == {"Text", "EntityId"}
    for row in rows:
        if row["DataType"] == "EntityId":
            assert row["NewValue"] in moved[row["ContactId"]]


def test_a_case_goes_to_another_contact(seen: Seen):
    contacts = seen.masters("Contact")
    # Cases also follow merges; this one's former contact lives.
    assert any(told[0] not in contacts for told in seen.of("Case", "ContactId").values())


@pytest.mark.parametrize("kind", ["Contact", "Account"])
def test_merges_chain_inside_the_window_without_a_cycle(seen: Seen, kind: str):
    masters = seen.masters(kind)
    chained = [loser for loser, master in masters.items() if master in masters]
    assert set(chained) & set(seen.of(kind, "MasterRecordId"))
    for loser in masters:
        passed = [loser]
        while passed[-1] in masters:
            passed.append(masters[passed[-1]])
            assert len(passed) == len(set(passed))


def test_of_two_merged_cases_one_stays_closed_and_one_goes_to_the_bin(seen: Seen):
    losers = {row["IsDeleted"]: row for row in seen.tables["Case"] if row["MasterRecordId"]}
    assert set(losers) == {True, False}
    assert losers[False]["IsClosed"]
    assert losers[False]["ClosedDate"] == losers[False]["SystemModstamp"]


def test_no_conversation_is_truly_about_a_case_that_was_merged_or_moved():
    world = World(3, START, DAYS, 40)
    world.ensure(LAST * 1000)
    true = {truth.case_id for truth in world.truth(LAST * 1000).values()}
    strange = {row["Id"] for row in world.crm.tables(LAST)["Case"] if row["MasterRecordId"] or row["IsDeleted"]}
    assert not true & strange
