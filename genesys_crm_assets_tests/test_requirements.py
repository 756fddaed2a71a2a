"""Every requirement of this release is worded, shown by a test, and on the page."""

import ast
import re

import pytest

from genesys_crm_assets_tests import requirements

RELEASE = (
    "S0-6 S0-9 S0-11…15 S0-17 S0-22 S0-25…29 S0-32…34 S0-36…39 S0-41 S0-42 S0-44…46 S0-49…53 S0-55…63 S0-70 S0-78 S0-79 "
    "S1-9…13 S1-15…21 S1-24…26 S2-5 S2-7…9 S2-11 S2-29 S2-32 S2-33 S2-40 S2-43 S2-44 S2-46 S3-17 "
    "S0-18 S0-35 S0-40 S0-47 S0-48 S0-66…69 S1-1 S1-2 S1-8 S1-14 S1-22 S1-27 S1-29 S2-15…18 S2-36…38 S4-13…17 S4-25"
)
"""As the release says it; a range holds its ends."""


SHOWN = requirements.shown()


def _numbers(text: str) -> set[str]:
    found = set()
    for part in text.split():
        guide, first, last = re.fullmatch(r"(S\d)-(\d+)(?:…(\d+))?", part).groups()  # type: ignore[union-attr]  # written above
        found |= {f"{guide}-{place}" for place in range(int(first), int(last or first) + 1)}
    return found


def test_ranges_hold_their_ends():
    assert _numbers("S0-11…13 S2-5") == {"S0-11", "S0-12", "S0-13", "S2-5"}


def test_every_requirement_of_the_release_is_worded():
    said = requirements.words()
    assert _numbers(RELEASE) <= set(said)
    assert [number for number, words in said.items() if not words.endswith(".") or len(words) > 140] == []


@pytest.mark.parametrize("number", sorted(requirements.words(), key=requirements.order))
def test_every_requirement_is_shown_by_a_test(number: str):
    assert SHOWN.get(number), f"no test is marked to show {number}: {requirements.words()[number]}"


def test_a_test_shows_numbers_that_can_be_ones():
    """A misspelt number would show nothing and miss nothing."""
    assert [number for number in SHOWN if not re.fullmatch(r"S[0-4]-[1-9]\d?", number)] == []


def test_a_mark_is_read_whether_its_numbers_stand_singly_or_in_groups():
    """What is not read would not be on the page, and nobody would miss it."""
    written = 'import pytest\n@pytest.mark.shows("S0-1", *("S0-2", "S0-3"), *("S0-4",))\ndef test_it(): ...\n'
    assert [*requirements._marked(ast.parse(written))] == [("test_it", ["S0-1", "S0-2", "S0-3", "S0-4"])]


def test_the_page_is_up_to_date():
    written = requirements.PAGE.read_text(encoding="utf-8")
    assert requirements.page(requirements.words(), SHOWN) == written, "run `make docs`"
