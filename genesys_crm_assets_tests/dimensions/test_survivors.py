"""Merges: where a record lives on (§6.4)."""

import pytest

from genesys_crm_assets.dimensions import salesforce_account
from genesys_crm_assets_tests.dimensions.crm import Crm

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


def test_a_circle_of_merges_is_refused_and_counted():
    crm = Crm(salesforce_account)
    crm.tell(100, A, is_deleted=True, master_record_id=B)
    crm.tell(100, B, is_deleted=True, master_record_id=C)
    crm.tell(100, C, is_deleted=True, master_record_id=B)
    crm.tell(100, D)
    assert survivors(crm) == {A: None, B: None, C: None, D: D}
    figures = crm.proofs()["merges_that_end_nowhere_are_refused_and_counted"]
    assert figures == {"holds": True, "merged": 3, "in_a_circle": 3, "survivor_gone": 0, "offenders": f"{A} {B} {C}"}


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
