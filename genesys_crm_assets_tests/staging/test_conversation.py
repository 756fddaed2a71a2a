"""Whether a record can be staged, and which of the reasons stands first."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.staging.conversation import REASONS, Rejection, Telling, decode, examine
from genesys_crm_assets_tests.builders import ABSENT, DAY, at, conversation, customer, metric, participant, record, segment, session

TODAY = date.fromisoformat(DAY)


def reason(told: bytes) -> str | None:
    found = examine(told, TODAY)
    return found.reason if isinstance(found, Rejection) else None


def detail(told: bytes) -> str:
    found = examine(told, TODAY)
    assert isinstance(found, Rejection), found
    return found.detail


@pytest.mark.shows("S2-43")
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"5", "not_an_object"),
        (b"null", "not_an_object"),
        (b"[]", "not_an_object"),
        (b'{"conversationId": NaN}', "not_an_object"),
        (record(conversationId=ABSENT), "missing_id"),
        (record(conversationId=None), "missing_id"),
        (record(conversationStart=None), "missing_start"),
        (record(participants=None), "missing_participants"),
        (record(participants=ABSENT), "missing_participants"),
        (record(participants={}), "missing_participants"),
        (record(conversationId=5), "wrong_type"),
        (record(conversationStart="yesterday"), "wrong_type"),
        (record(conversationEnd=at("09:59")), "end_before_start"),
        (record(conversationStart="2026-11-04T00:00:00.000Z", conversationEnd=ABSENT), "starts_after_day"),
    ],
)
def test_a_record_that_cannot_be_staged_says_why(told: bytes, expected: str):
    assert reason(told) == expected


def test_of_several_reasons_the_first_stands():
    assert reason(record({})) == "missing_id"
    assert reason(record(conversationId=None, conversationStart=5, participants=None)) == "missing_id"
    assert reason(record(conversationStart=None, participants=5)) == "missing_start"
    assert reason(record(participants=ABSENT, conversationEnd=5)) == "missing_participants"
    assert reason(record(divisionIds="x", conversationEnd=at("09:00"))) == "wrong_type"
    assert reason(record(conversationStart="2026-11-05T00:00:00Z", conversationEnd=at("09:00"))) == "end_before_start"


def spoiled(**fields: Any) -> bytes:
    return record(participants=[customer(), participant("agent", session(), session(segments=[segment(**fields)]))])


@pytest.mark.shows("S2-43")
@pytest.mark.parametrize(
    ("told", "where"),
    [
        (spoiled(start="10 o'clock"), "participants[1].sessions[1].segments[0].segmentStart: not a time"),
        (spoiled(start="2026-11-03T10:00:00"), "participants[1].sessions[1].segments[0].segmentStart: not a time"),
        (spoiled(end=1793700000), "participants[1].sessions[1].segments[0].segmentEnd: not a time"),
        (spoiled(queueId=7), "participants[1].sessions[1].segments[0].queueId: not a string"),
        (spoiled(requestedRoutingSkillIds="a"), "participants[1].sessions[1].segments[0].requestedRoutingSkillIds: not an array"),
        (
            record(participants=[customer(session(metrics=[metric("tTalk", "5")]))]),
            "participants[0].sessions[0].metrics[0].value: not an integer",
        ),
        (
            record(participants=[customer(session(metrics=[metric("tTalk", 1.0)]))]),
            "participants[0].sessions[0].metrics[0].value: not an integer",
        ),
        (
            record(participants=[customer(session(metrics=[metric("tTalk", value=True)]))]),
            "participants[0].sessions[0].metrics[0].value: not an integer",
        ),
        (
            record(participants=[customer(session(metrics=[metric("n", 2**63)]))]),
            "participants[0].sessions[0].metrics[0].value: an integer beyond 64 bits",
        ),
        (record(participants=["x"]), "participants[0]: not an object"),
        (record(participants=[customer(attributes={"a": 5})]), "participants[0].attributes: not an object of strings"),
        (record(participants=[customer(attributes=["a"])]), "participants[0].attributes: not an object"),
        (record(surveys=[{"oSurveyTotalScore": "90"}]), "surveys[0].oSurveyTotalScore: not a number"),
        (record(evaluations=[{"released": "yes"}]), "evaluations[0].released: neither true nor false"),
        (record(conversationStart="0001-01-01T00:00:00+01:00"), "conversationStart: not a time"),
    ],
)
def test_the_detail_says_where_and_what_kind_and_no_value(told: bytes, where: str):
    assert detail(told) == where


def test_a_wrong_type_of_thousands_of_digits_is_only_a_wrong_type():
    told = record(participants=[customer(session(metrics=[metric("tTalk", 111)]))])
    assert reason(told.replace(b'"value": 111', b'"value": ' + b"1" * 10_000)) == "wrong_type"


@pytest.mark.shows("S2-43")
@pytest.mark.parametrize(
    "told",
    [
        record(),
        record(participants=[]),
        record(conversationEnd=None, divisionIds=None, surveys=None, originatingDirection=None),
        record(somethingNew={"a": [1, "b"]}, selfServed="maybe"),
        record(
            originatingDirection="sideways",
            participants=[participant("oracle", session(mediaType="telepathy", segments=[segment("dream")]))],
        ),
        record(participants=[participant(None), customer(attributes={"a": None}), None]),
        record(participants=[{"sessions": [None, {"metrics": [None], "segments": None}]}]),
        record(conversationEnd=at("10:00")),
        record(conversationStart="2026-11-03T10:00Z"),
        record(conversationStart="2026-11-03T11:00:00+0100"),
        record(conversationStart="2026-11-03T23:59:59.999Z", conversationEnd=None),
        record(surveys=[{"oSurveyTotalScore": 87.5}]),
    ],
)
def test_what_is_absent_null_unknown_or_new_is_no_reason(told: bytes):
    assert isinstance(examine(told, TODAY), Telling)


@pytest.mark.parametrize(("score", "found"), [(2**63, None), (-(2**63) - 1, None), (10**30, None), (10**400, "wrong_type")])
@pytest.mark.parametrize("rest", [{}, {"divisionIds": [None]}], ids=["the fast decoder's", "the slow reading's"])
def test_a_score_is_any_number_whichever_way_the_record_is_read(rest: dict[str, object], score: int, found: str | None):
    """A null in a list is what the fast decoder refuses; the same score beside it must not be of another type because of it."""
    told = examine(record(surveys=[{"oSurveyTotalScore": score}], **rest), TODAY)
    assert (told.reason if isinstance(told, Rejection) else None) == found


def test_a_start_told_with_an_offset_belongs_to_its_utc_day():
    assert examine(record(conversationStart="2026-11-03T00:30:00+02:00", conversationEnd=None), TODAY) == Telling(
        "c0000000-0000-4000-8000-000000000001", date(2026, 11, 2)
    )


def test_a_record_nested_ten_thousand_deep_in_a_field_we_do_not_read_is_staged():
    deep = record(unknown="@").replace(b'"@"', b"[" * 10_000 + b"]" * 10_000)
    assert isinstance(examine(deep, TODAY), Telling)
    assert decode(deep) == decode(record())


def test_a_record_nested_ten_thousand_deep_in_a_field_we_read_is_of_the_wrong_type():
    deep = record(participants=[customer(attributes={"a": "@"})]).replace(b'"@"', b'{"a":' * 10_000 + b"1" + b"}" * 10_000)
    assert detail(deep) == "participants[0].attributes: not an object of strings"


def test_halves_of_surrogate_pairs_are_read_as_replacement_characters():
    """The record keeps its bytes; only what is stored as text must be text (F-62)."""
    odd = json.dumps(conversation(participants=[customer(attributes={"a": "\ud800!", "b": "\x00😀\u2028"})])).encode()
    assert isinstance(examine(odd, TODAY), Telling)
    assert decode(odd).participants[0].attributes == {"a": "�!", "b": "\x00😀\u2028"}


def test_an_attribute_of_50_megabytes_is_read():
    large = record(participants=[customer(attributes={"a": "x" * 50_000_000})])
    assert isinstance(examine(large, TODAY), Telling)


junk = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.just([])
    | st.just({})
    | st.just([{}])
)


@given(st.data())
def test_any_field_retyped_gives_a_reason_of_the_list_or_a_telling_that_decodes(data: st.DataObject):
    """F-40: never coerced silently, never a crash."""
    told = conversation()
    place: Any = told
    for _ in range(data.draw(st.integers(0, 5))):
        inner = place.values() if isinstance(place, dict) else place
        below = [one for one in inner if isinstance(one, dict | list) and one]
        if not below:
            break
        place = data.draw(st.sampled_from(below))
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(keys))] = data.draw(junk)
    found = examine(record(told), TODAY)
    if isinstance(found, Rejection):
        assert found.reason in REASONS
    else:
        assert decode(record(told)).conversation_id == found.conversation_id
