"""JSON too odd for the fast decoder."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.sources.json_bytes import elements, hollow, storable, value

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(anything), st.dictionaries(st.text().filter(lambda name: name != "conversations"), anything, max_size=3))
def test_the_slow_way_cuts_a_page_as_the_fast_way_does(records: list[object], beside: dict[str, object]):
    body = json.dumps({**beside, "conversations": records, "cursor": "["}, ensure_ascii=False, indent=1).encode()
    fast = msgspec.json.decode(body, type=dict[str, msgspec.Raw])["conversations"]
    assert elements(body, "conversations") == [bytes(one) for one in msgspec.json.decode(fast, type=list[msgspec.Raw])]


def test_an_array_elsewhere_under_the_same_name_is_not_taken_for_the_pages():
    assert elements(b'{"a": {"conversations": [1]}, "b": "conversations", "conversations": [2, {"c": "],"}]}', "conversations") == [
        b"2",
        b'{"c": "],"}',
    ]
    assert elements(b'{"conversations": null, "x": [1]}', "conversations") == []
    assert elements(b'{"conversations": []}', "conversations") == []


def test_brackets_that_do_not_close_are_an_error():
    with pytest.raises(ValueError, match="do not close"):
        elements(b'{"conversations": [1', "conversations")


@given(st.lists(anything), st.dictionaries(st.text().filter(lambda name: name != "conversations"), anything, max_size=3))
def test_a_page_without_its_records_says_the_same_of_itself(records: list[object], beside: dict[str, object]):
    body = json.dumps({"cursor": "[", "conversations": records, **beside}, ensure_ascii=False, indent=1).encode()
    assert json.loads(hollow(body, "conversations")) == {"cursor": "[", **beside, "conversations": [None] * len(records)}


@pytest.mark.parametrize("record", [b'{"a": NaN}', b"<html>", b'{"a": [}]}', b'{"a" 1}', b'{"a": "\x01"}'])
def test_an_element_that_is_no_json_is_damage_and_not_taken_out(record: bytes):
    with pytest.raises(ValueError, match=r"."):
        hollow(b'{"conversations": [1, ' + record + b"]}", "conversations")


def test_what_lies_deeper_than_any_field_we_read_becomes_null():
    """A parser that recurses gives up near a thousand; the record must not go with it (F-60)."""
    deep = b'{"id": "x", "unknown": ' + b"[" * 10_000 + b"]" * 10_000 + b', "after": [1, {"b": "]"}]}'
    told = value(deep)
    assert (told["id"], told["after"]) == ("x", [1, {"b": "]"}])


def test_a_number_no_table_could_hold_does_not_stop_the_reading():
    assert value(b'{"n": ' + b"9" * 5_000 + b"}") == {"n": float("inf")}


def test_not_a_number_is_no_json():
    with pytest.raises(ValueError, match="NaN"):
        value(b'{"n": NaN}')


def test_half_a_surrogate_pair_becomes_the_replacement_character_and_a_pair_stays():
    assert storable("a\ud800b😀") == "a�b😀"
