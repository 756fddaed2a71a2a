"""Which telling of a conversation wins, and when its row is final."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.staging import genesys_metrics, genesys_tellings
from genesys_crm_assets_tests.builders import DAY, customer, engine, hold, record, telling
from genesys_crm_assets_tests.running import rows, verdicts

TODAY = date.fromisoformat(DAY)
NEXT = "2026-11-04"


def staged(*tellings: dict[str, Any], **words: Any) -> list[dict[str, Any]]:
    connection = engine(**words)
    hold(connection, genesys_tellings.TABLE, list(tellings))
    return rows(genesys_metrics.BODY, connection, TODAY)


def version(name: str) -> bytes:
    return record(divisionIds=[name])


def winner(*tellings: dict[str, Any]) -> str:
    found = staged(*tellings)
    assert len(found) == 1
    return str(found[0]["division_ids"][0])


@pytest.mark.shows("S0-32", "S0-34")
def test_only_conversations_that_began_on_the_day_are_staged():
    other = record(conversationId="other", conversationStart="2026-11-02T23:59:59.999Z")
    found = staged(telling(record()), telling(other, position=2))
    assert [row["conversation_id"] for row in found] == ["c0000000-0000-4000-8000-000000000001"]


def test_a_telling_without_attributes_never_replaces_one_with_them():
    late = telling(version("query"), NEXT, feed="conversation_query", until=None, received="2026-11-09T00:00")
    assert winner(telling(version("job"), received="2026-11-04T00:00"), late) == "job"
    assert winner(late) == "query"


def test_of_tellings_alike_the_one_received_last_wins_whatever_its_day():
    """A day read again says more than a later day read before."""
    again = telling(version("again"), DAY, received="2026-11-09T00:00")
    assert winner(again, telling(version("later day"), NEXT, received="2026-11-06T00:00")) == "again"


def test_of_tellings_received_together_the_later_day_page_and_position_win():
    assert winner(telling(version("a"), DAY, number=9), telling(version("b"), NEXT, number=1)) == "b"
    assert winner(telling(version("a"), number=2, position=1), telling(version("b"), number=1, position=9)) == "a"
    assert winner(telling(version("a"), position=10), telling(version("b"), position=9)) == "a"


def provisional(*tellings: dict[str, Any]) -> bool:
    return bool(staged(*tellings)[0]["is_provisional"])


def test_a_row_is_final_once_a_job_complete_past_its_raw_day_told_these_bytes():
    assert not provisional(telling(record(), until="2026-11-04T00:00"))
    assert provisional(telling(record(), until="2026-11-03T23:59:59.999"))
    assert provisional(telling(record(), until=None, feed="conversation_query"))


def test_the_day_that_must_be_complete_is_the_raw_day_not_the_day_of_beginning():
    assert provisional(telling(record(), NEXT, until="2026-11-04T12:00"))
    assert not provisional(telling(record(), NEXT, until="2026-11-05T00:00"))


def test_another_telling_of_the_same_bytes_makes_the_winner_final():
    early = telling(record(), DAY, until="2026-11-04T00:00", received="2026-11-04T02:00")
    late = telling(record(), NEXT, until="2026-11-04T12:00", received="2026-11-04T12:00")
    assert not provisional(early, late)
    assert provisional(early | {"record_sha256": "other"}, late)


@pytest.mark.shows("S1-21")
def test_attribute_names_and_the_phone_region_are_the_orgs_own():
    said = {"CaseRef": "500000000000001", "esc": "Ja", "handler": "Bot"}
    told = record(participants=[customer({"ani": "030 901820", "direction": "inbound"}, attributes=said)])
    words = {
        "attribute_escalated": "esc",
        "attribute_escalated_value": "ja",
        "attribute_bot_only": "handler",
        "attribute_bot_only_value": "bot",
    }
    found = staged(telling(told), attribute_case_id="CaseRef", default_phone_region="DE", **words)[0]
    assert (found["crm_case_id"], found["customer_phone"]) == ("500000000000001AAA", "+4930901820")
    assert (found["was_escalated"], found["handled_by_bot_only"]) == (True, True)
    (as_packaged,) = staged(telling(told))
    assert (as_packaged["was_escalated"], as_packaged["handled_by_bot_only"], as_packaged["crm_case_id"]) == (False, False, None)


def test_the_body_returns_the_contracts_columns_in_their_order():
    names = [column.name for column in genesys_metrics.TABLE.columns]
    assert list(staged(telling(record()))[0]) == names == body_schema(genesys_metrics.TABLE).names
    assert staged() == []


told_again = st.tuples(
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from([DAY, NEXT, "2026-11-05"]),
    st.sampled_from(["conversation_jobs", "conversation_query"]),
    st.sampled_from(["2026-11-05T01:00", "2026-11-06T01:00"]),
    st.sampled_from(["2026-11-03T12:00", "2026-11-06T00:00", None]),
)


@pytest.mark.shows("S1-25")
@settings(max_examples=30, deadline=None)
@given(st.lists(told_again, min_size=1, max_size=8), st.randoms())
def test_whatever_the_order_of_tellings_each_conversation_is_staged_once_and_alike(told: list[tuple[str, ...]], shuffle: Any):
    """P1, second equation, and P3."""
    tellings = [
        telling(record(conversationId=name, divisionIds=[str(number)]), day, position=number, feed=feed, received=received, until=until)
        for number, (name, day, feed, received, until) in enumerate(told)
    ]
    connection = engine()
    hold(connection, genesys_tellings.TABLE, tellings)
    found = sorted(rows(genesys_metrics.BODY, connection, TODAY), key=lambda row: row["conversation_id"])
    assert all(verdicts(genesys_metrics.TABLE, genesys_metrics.BODY, connection, found, TODAY).values())
    assert not all(verdicts(genesys_metrics.TABLE, genesys_metrics.BODY, connection, found * 2, TODAY).values())
    shuffle.shuffle(tellings)
    hold(connection, genesys_tellings.TABLE, tellings)
    assert sorted(rows(genesys_metrics.BODY, connection, TODAY), key=lambda row: row["conversation_id"]) == found
