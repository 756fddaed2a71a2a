"""Ids of Salesforce records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.staging.record_ids import long_id, record_id

VECTORS = {
    "a01M00000062mPg": "a01M00000062mPgIAI",
    "001M000000qfPyS": "001M000000qfPySIAU",
    "a0FE000000D6r3F": "a0FE000000D6r3FMAR",
    "0F9E000000092w2": "0F9E000000092w2KAA",
    "aaaaaaaaaaaaaaa": "aaaaaaaaaaaaaaaAAA",
    "AbCdEfGhIjKlMnO": "AbCdEfGhIjKlMnOVKV",
}


@pytest.mark.shows("S1-9", "S1-13")
@pytest.mark.parametrize(("short", "whole"), VECTORS.items())
def test_an_id_of_15_gains_its_checksum_and_one_of_18_keeps_it(short: str, whole: str):
    assert long_id(short) == whole
    assert long_id(whole) == whole


@pytest.mark.parametrize(
    "told", ["", "500", "001M000000qfPySIAX", "001m000000qfpysiau", " 001M000000qfPyS", "001M000000qfPyS\n", "001M000000qfP-S", None]
)
def test_what_is_cut_folded_padded_or_mistyped_is_no_id(told: str | None):
    assert long_id(told) is None


def test_letters_and_digits_of_other_scripts_are_no_id():
    assert long_id("001M000000qfPy٣") is None
    assert long_id("001M000000qfPyé") is None


def test_an_id_of_another_object_is_not_taken_for_a_case():
    assert record_id("001M000000qfPyS", "001") == "001M000000qfPySIAU"
    assert record_id("001M000000qfPyS", "500") is None


@given(st.from_regex(r"[0-9A-Za-z]{15}", fullmatch=True))
def test_folding_the_case_of_an_id_never_passes_for_the_same_id(short: str):
    """Spreadsheets fold case; the checksum is there to notice."""
    whole = long_id(short)
    assert whole is not None
    folded = whole.upper()
    assert long_id(folded) in {None, folded}
