"""Merges: where a record lives on (§6.4)."""

import pytest

from genesys_crm_assets.dimensions import salesforce_account
from genesys_crm_assets_tests.dimensions.crm import Crm, at

A, B, C, D = (f"00100000000000{number}AAA" for number in range(1, 5))


def survivors(crm: Crm) -> dict[str, str | None]:
    return {row["account_id"]: row["surviving_id"] for row in crm.versions()}


@pytest.mark.shows("S0-47")
def test_merges_are_followed_to_the_last_survivor_and_losers_keep_their_rows():
    crm = Crm(salesforce_account)
    crm.tell(100, A, name="A", is_deleted=True, master_record_id=B)
    crm.tell(200, B, name="B", is_deleted=True, master_record_id=C)
    crm.tell(50, C, name="C")
    assert survivors(crm) == {A: C, B: C, C: C}
    assert [row["is_current"] for row in crm.versions()] == [False, False, True]


def test_a_loser_that_its_org_keeps_lives_on_in_the_winner_too():
    """Merging cases may leave the loser in place with a closed status."""
    crm = Crm(salesforce_account)
    crm.tell(100, A, name="A", master_record_id=B)
    crm.tell(100, B, name="B")
    assert survivors(crm) == {A: B, B: B}


@pytest.mark.shows("S0-47")
def test_a_circle_of_merges_is_refused_and_counted():
    crm = Crm(salesforce_account)
    crm.tell(100, A, is_deleted=True, master_record_id=B)
    crm.tell(100, B, is_deleted=True, master_record_id=C)
    crm.tell(100, C, is_deleted=True, master_record_id=B)
    crm.tell(100, D)
    assert survivors(crm) == {A: None, B: None, C: None, D: D}
    figures = crm.proofs()["merges_that_end_nowhere_are_refused_and_counted"]
    assert figures == {"holds": True, "merged": 3, "in_a_circle": 3, "survivor_gone": 0, "offenders": f"{A} {B} {C}"}


@pytest.mark.shows("S0-47")
def test_merges_that_end_in_a_deleted_or_unknown_record_have_no_survivor():
    crm = Crm(salesforce_account)
    crm.tell(100, A, is_deleted=True, master_record_id=B)
    crm.tell(100, B, is_deleted=True)
    crm.tell(100, C, is_deleted=True, master_record_id=D)
    assert survivors(crm) == {A: None, B: None, C: None}
    assert crm.proofs()["merges_that_end_nowhere_are_refused_and_counted"]["survivor_gone"] == 2


def test_a_merge_is_what_the_latest_telling_says():
    crm = Crm(salesforce_account)
    crm.tell(100, A, is_deleted=True, master_record_id=B)
    crm.tell(200, A)
    crm.tell(50, B)
    assert survivors(crm) == {A: A, B: B}


@pytest.mark.shows("S0-48", "S0-58")
def test_a_case_that_is_renumbered_moved_and_merged_keeps_the_keys_of_its_versions():
    """A hash of account, contact and number would be another one after each of these, and the facts that hold it would hang in the air."""
    crm = Crm()
    loser, winner = (f"50000000000000{number}AAA" for number in (1, 2))
    told = {"status": "New", "account_id": A, "contact_id": "003000000000001AAA", "case_number": "1"}
    crm.tell(10, loser, **told)
    crm.tell(10, winner, **told)
    before = {row["case_id"]: row["version_key"] for row in crm.versions()}
    assert len(set(before.values())) == 2, "two cases that share number, account and contact are two"
    moved = {**told, "account_id": B, "contact_id": "003000000000002AAA", "case_number": "2"}
    crm.tell(100, loser, **moved)
    crm.tell(200, loser, **moved, is_deleted=True, master_record_id=winner)
    versions = [row for row in crm.versions() if row["case_id"] == loser]
    assert [(row["valid_from"], row["valid_to"], row["account_id"]) for row in versions] == [(at(0), at(100), A), (at(100), at(200), B)]
    assert versions[0]["version_key"] == before[loser]
    assert {row["surviving_id"] for row in versions} == {winner}
    assert [row["version_key"] for row in crm.versions() if row["case_id"] == winner] == [before[winner]]
