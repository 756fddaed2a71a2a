"""What a page says of itself, also where a record on it is odd."""

from datetime import UTC, datetime

import pytest

from genesys_crm_assets.sources.errors import BodyDamaged, ResultTooLarge
from genesys_crm_assets.sources.genesys.feeds import CONVERSATION_JOBS, CONVERSATION_QUERY, Place, Reading, records_of
from genesys_crm_assets.sources.http import Answer
from genesys_crm_assets_tests.sources.scripted_time import NOON

FIRST = Place(None, "job-1")
SURROGATE = b'{"conversationId":"half","x":"\\ud800"}'
DEEP = b'{"conversationId":"deep","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}"
odd_records = pytest.mark.parametrize(
    "odd", [SURROGATE, DEEP, b"[" * 50_000 + b"]" * 50_000], ids=["half a surrogate pair", "3,000 deep", "50,000 deep"]
)


def answer(body: bytes) -> Answer:
    return Answer("GET", "https://api.example.com/x", 200, {}, body, NOON)


@odd_records
@pytest.mark.shows("S2-43")
def test_one_odd_record_does_not_hide_its_page(odd: bytes):
    """F-60, F-62: it is JSON, though no decoder steps over it; what to do with it is for staging to say."""
    plain = b'{"conversationId":"c-0"}'
    body = b'{"conversations":[' + plain + b", " + odd + b'],"cursor":"next","dataAvailabilityDate":"2026-11-20T04:10:03Z"}'
    until = datetime(2026, 11, 20, 4, 10, 3, tzinfo=UTC)
    assert CONVERSATION_JOBS.read(FIRST, answer(body)) == Reading(2, Place("next", "job-1"), until)
    assert records_of(body) == [plain, odd]


@odd_records
def test_one_odd_record_does_not_hide_a_page_of_the_query(odd: bytes):
    body = b'{"totalHits":1,"conversations":[' + odd + b"]}"
    assert CONVERSATION_QUERY.read(Place("1"), answer(body)) == Reading(1, Place("2"))
    with pytest.raises(ResultTooLarge):
        CONVERSATION_QUERY.read(Place("1"), answer(body.replace(b":1,", b":100001,")))


@pytest.mark.parametrize(
    "body",
    [
        b'{"conversations":[' + SURROGATE,
        b'{"conversations":[' + DEEP[:-1] + b"]}",
        b'{"conversations":[' + SURROGATE + b',{"a":NaN}]}',
        b'{"conversations":[' + SURROGATE + b',{"a":"\xff"}]}',
        b'{"conversations":[' + SURROGATE + b"]} {}",
        b'{"conversations":[' + SURROGATE + b",]}",
        b'{"conversations":[' + SURROGATE + b'],"cursor":"\\ud800"}',
        b'{"conversations":[' + SURROGATE + b'],"cursor":7}',
        b"[" + SURROGATE + b"]",
        b'{"records":[' + SURROGATE + b"]}",
        b"<html>" + SURROGATE + b"</html>",
    ],
)
def test_a_damaged_page_is_not_saved_by_an_odd_record(body: bytes):
    """F-12, F-13: what was cut or is no JSON is never landed."""
    with pytest.raises(BodyDamaged):
        CONVERSATION_JOBS.read(FIRST, answer(body))
