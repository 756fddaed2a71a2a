"""Each rule from a conversation to its columns (§6.1)."""

from typing import Any

import pytest

from genesys_crm_assets.staging.conversation import decode
from genesys_crm_assets.staging.conversation_columns import Words, columns_of, session_durations, session_queue
from genesys_crm_assets_tests.builders import (
    ABSENT,
    AGENT,
    CODE,
    CONTACT,
    QUEUE,
    agent,
    at,
    customer,
    metric,
    participant,
    record,
    segment,
    session,
    talk,
    utc,
)

WORDS = Words("sfCaseId", "sfAccountId", "sfContactId", "escalated", "true", "botHandled", "true", "US")


def columns(*participants: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = {"participants": list(participants)} if participants else {}
    return columns_of(decode(record(**told, **changes)), WORDS)


@pytest.mark.shows("S0-32", "S1-11", "S1-19", "S2-15")
def test_a_plain_call_becomes_one_flat_row():
    assert columns() == {
        "conversation_id": "c0000000-0000-4000-8000-000000000001",
        "conversation_start": utc("2026-11-03T10:00"),
        "conversation_end": utc("2026-11-03T10:06"),
        "duration_ms": 360_000,
        "media_type": "voice",
        "direction": "inbound",
        "queue_id": QUEUE,
        "last_queue_id": QUEUE,
        "queue_ids": [QUEUE],
        "agent_ids": [AGENT],
        "agent_id": AGENT,
        "handle_time_ms": 330_000,
        "wrap_up_time_ms": 30_000,
        "queue_time_ms": 30_000,
        "talk_time_ms": 300_000,
        "hold_time_ms": 0,
        "disposition_code": CODE,
        "abandoned": False,
        "transferred": False,
        "external_contact_id": CONTACT,
        "crm_case_id": None,
        "crm_account_id": None,
        "crm_contact_id": None,
        "was_escalated": False,
        "handled_by_bot_only": False,
        "invalid_told_ids": 0,
        "qa_score": None,
        "csat_score": None,
        "customer_address": "tel:+12025550111",
        "customer_phone": "+12025550111",
        "customer_email": None,
        "division_ids": ["d0000000-0000-4000-8000-000000000001"],
    }


@pytest.mark.shows("S2-15")
def test_an_open_conversation_has_neither_end_nor_duration():
    open_one = columns(conversationEnd=ABSENT, originatingDirection=ABSENT, divisionIds=ABSENT)
    assert (open_one["conversation_end"], open_one["duration_ms"], open_one["direction"], open_one["division_ids"]) == (
        None,
        None,
        None,
        [],
    )


def test_times_finer_than_a_millisecond_are_cut_off_and_offsets_become_utc():
    row = columns(conversationStart="2026-11-03T12:00:00.123987+02:00", conversationEnd=at("10:00:00.125"))
    assert row["conversation_start"] == utc("2026-11-03T10:00:00.123")
    assert row["duration_ms"] == 2


def test_the_customers_medium_goes_before_everybody_elses():
    row = columns(agent(session(mediaType="callback")), customer(session(mediaType=ABSENT), session(mediaType="chat")))
    assert row["media_type"] == "chat"
    assert columns(agent(session(mediaType=ABSENT)), participant("acd", session(mediaType="email")))["media_type"] == "email"
    assert columns(participant("external", session(mediaType="voice")), customer(session(mediaType="chat")))["media_type"] == "voice"
    assert columns(participant("acd"))["media_type"] is None


def test_a_queue_that_is_come_back_to_is_first_and_last_and_once():
    parts = [segment(start=at("10:02"), queueId="A"), segment(start=at("10:01"), queueId="B"), segment(start=at("10:00"), queueId="A")]
    row = columns(agent(session(segments=parts)))
    assert (row["queue_id"], row["last_queue_id"], row["queue_ids"]) == ("A", "A", ["A", "B"])


def test_a_segment_without_a_start_comes_last_and_ties_stay_as_told():
    parts = [segment(start=ABSENT, queueId="C"), segment(queueId="B"), segment(queueId="A")]
    assert columns(agent(session(segments=parts)))["queue_ids"] == ["B", "A", "C"]


def test_an_agent_who_never_answered_is_no_agent_but_the_handle_time_counts():
    rang = session(segments=[segment("alert")], metrics=[metric("tHandle", 57_000)])
    row = columns(agent(rang, userId="rang"), agent(talk(), userId="spoke"))
    assert (row["agent_ids"], row["agent_id"], row["handle_time_ms"]) == (["spoke"], "spoke", 387_000)


def test_agents_stand_in_the_sequence_they_spoke_and_the_longest_handler_is_the_agent():
    late, early = talk(500, start=at("10:03")), talk(100, start=at("10:01"))
    row = columns(agent(late, userId="late"), participant("user", early, userId="early"))
    assert (row["agent_ids"], row["agent_id"]) == (["early", "late"], "late")


def test_of_agents_who_handled_alike_the_earlier_is_the_agent():
    row = columns(agent(talk(start=at("10:03")), userId="late"), agent(talk(start=at("10:01")), userId="early"))
    assert row["agent_id"] == "early"


def test_one_user_in_several_participants_is_one_agent():
    row = columns(agent(talk(100)), agent(talk(500), userId="other"), agent(talk(450, start=at("10:04"))))
    assert (row["agent_ids"], row["agent_id"]) == ([AGENT, "other"], AGENT)


def test_a_complete_time_replaces_its_parts_session_by_session():
    whole = session(metrics=[metric("tTalk", 5), metric("tTalk", 6), metric("tTalkComplete", 10), metric("tHeld", 1), metric("tHeld", 2)])
    parts = session(metrics=[metric("tTalk", 7), metric("tHeldComplete", 100), metric("tHeld", 1)])
    row = columns(agent(whole), agent(parts))
    assert (row["talk_time_ms"], row["hold_time_ms"]) == (17, 103)


@pytest.mark.shows("S1-11")
def test_times_beyond_32_bits_are_whole():
    """Expired callbacks wait for months."""
    assert columns(participant("acd", session(metrics=[metric("tAcd", 5_097_600_919)])))["queue_time_ms"] == 5_097_600_919
    assert columns(participant("acd", *[session(metrics=[metric("tAcd", 2**63 - 1)])] * 2))["queue_time_ms"] == 2**63 - 1


def test_the_latest_wrap_up_that_has_a_code_is_the_disposition():
    wraps = [
        segment("wrapup", end=at("10:09"), wrapUpCode="late"),
        segment("wrapup", end=ABSENT, wrapUpCode="open"),
        segment("wrapup", end=at("10:09"), wrapUpCode="ININ-WRAP-UP-TIMEOUT"),
        segment("wrapup", end=at("10:10"), wrapUpCode=""),
        segment("wrapup", end=at("10:11")),
        segment("interact", end=at("10:12"), wrapUpCode="no"),
    ]
    assert columns(agent(session(segments=wraps)))["disposition_code"] == "ININ-WRAP-UP-TIMEOUT"
    assert columns(agent(session(segments=wraps[1:2])))["disposition_code"] == "open"
    assert columns(participant("acd", session(segments=wraps)))["disposition_code"] is None


@pytest.mark.shows("S1-20")
def test_abandoned_is_what_the_queue_says_not_who_hung_up():
    left = participant("acd", session(metrics=[metric("tAbandon", 0)]))
    hung_up = customer(session(segments=[segment(disconnectType="endpoint")]))
    assert columns(left)["abandoned"]
    assert not columns(hung_up)["abandoned"]


@pytest.mark.shows("S1-11")
@pytest.mark.parametrize("name", ["nTransferred", "nBlindTransferred", "nConsultTransferred"])
def test_a_transfer_is_an_agents(name: str):
    """A flow that hands over to a queue shows the same disconnect type, and is none."""
    assert columns(agent(session(metrics=[metric(name, 1)])))["transferred"]
    assert not columns(agent(session(metrics=[metric(name, 0)])))["transferred"]
    assert not columns(participant("ivr", session(metrics=[metric(name, 1)])))["transferred"]


@pytest.mark.shows("S0-34")
def test_the_external_contact_is_the_first_customers_that_has_one():
    people = [agent(externalContactId="x"), customer(), participant("external", externalContactId="a"), customer(externalContactId="b")]
    assert columns(*people)["external_contact_id"] == "a"


@pytest.mark.shows("S1-9", "S1-13", "S1-19")
def test_the_last_valid_id_told_wins_over_all_participants():
    people = [
        customer(attributes={"sfCaseId": "500000000000001", "sfAccountId": "001000000000001AAA", "sfContactId": "003000000000001AAA"}),
        participant("acd", attributes={"sfCaseId": "500000000000002AAA"}),
        agent(attributes={"sfCaseId": "001000000000001AAA", "sfAccountId": " 001000000000002", "SFCASEID": "500000000000009AAA"}),
    ]
    row = columns(*people)
    told = (row["crm_case_id"], row["crm_account_id"], row["crm_contact_id"], row["invalid_told_ids"])
    assert told == ("500000000000002AAA", "001000000000001AAA", "003000000000001AAA", 2)


@pytest.mark.shows("S1-15", "S1-21")
def test_a_flag_is_the_last_word_in_any_case_and_false_where_nobody_spoke():
    assert columns(customer(attributes={"escalated": "false"}), agent(attributes={"escalated": "TRUE"}))["was_escalated"]
    assert not columns(customer(attributes={"escalated": "true"}), agent(attributes={"escalated": ""}))["was_escalated"]
    assert columns(customer(attributes={"botHandled": "True"}))["handled_by_bot_only"]
    assert not columns(customer(attributes={"Escalated": "true"}))["was_escalated"]


@pytest.mark.shows("S1-12")
def test_the_score_is_of_the_latest_evaluation_that_counts():
    when = {"released": True, "eventTime": at("10:00")}
    told = [
        {**when, "oTotalScore": 70},
        {"released": True, "oTotalScore": 1},
        {**when, "oTotalScore": 80},
        {**when, "oTotalScore": 2, "eventTime": at("11:00"), "deleted": True},
        {**when, "oTotalScore": 3, "eventTime": at("11:00"), "calibrationId": "x"},
        {**when, "oTotalScore": 4, "eventTime": at("11:00"), "released": False},
        {**when, "eventTime": at("12:00")},
    ]
    assert columns(evaluations=told)["qa_score"] == 80
    assert columns(evaluations=told[1:2])["qa_score"] == 1
    assert columns(evaluations=told[3:])["qa_score"] is None


@pytest.mark.shows("S1-12")
def test_the_score_of_satisfaction_is_of_the_survey_completed_last():
    told = [
        {"oSurveyTotalScore": 90, "surveyCompletedDate": at("12:00")},
        {"oSurveyTotalScore": 10, "surveyCompletedDate": at("11:00"), "eventTime": at("13:00")},
        {"oSurveyTotalScore": 20},
        {"surveyCompletedDate": at("14:00")},
    ]
    assert columns(surveys=told)["csat_score"] == 90


@pytest.mark.shows("S1-10")
@pytest.mark.parametrize(
    ("told", "address"),
    [
        ({"ani": "tel:+12025550111", "dnis": "tel:+18005550100", "addressFrom": "x"}, "tel:+12025550111"),
        ({"dnis": "tel:+18005550100", "addressFrom": "a@b.c"}, "a@b.c"),
        ({"direction": "outbound", "ani": "tel:+12025550111", "dnis": "tel:+18005550100"}, "tel:+18005550100"),
        ({"direction": "outbound", "ani": "tel:+12025550111", "addressTo": "a@b.c"}, "a@b.c"),
        ({"direction": ABSENT, "ani": "tel:+12025550111", "dnis": "tel:+18005550100"}, "tel:+12025550111"),
        ({"direction": "outbound", "ani": "tel:+12025550111"}, "second"),
    ],
)
def test_the_customers_address_is_the_end_the_direction_calls_for(told: dict[str, Any], address: str):
    row = columns(agent(session(ani="agent", dnis="agent")), customer(session(**told), session(ani="second")))
    assert row["customer_address"] == address


@pytest.mark.shows("S1-10")
def test_an_address_is_a_number_or_mail_or_neither():
    mail = columns(customer(session(addressFrom="Customer@Example.com")))
    assert (mail["customer_phone"], mail["customer_email"]) == (None, "customer@example.com")
    neither = columns(customer(session(ani="sip:12025550111@example.com")))
    assert (neither["customer_address"], neither["customer_phone"], neither["customer_email"]) == (
        "sip:12025550111@example.com",
        None,
        None,
    )


def test_a_session_has_a_queue_and_times_of_its_own():
    told = decode(record()).participants[2].sessions[0]
    assert session_queue(told) == QUEUE
    assert session_durations(told)["handle_time_ms"] == 330_000
