"""What is told of a conversation grows with what is known."""

from datetime import date

import msgspec

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.tellings import Conversation, without_attributes

T = clock.midnight(date(2026, 1, 5))
RECORD = {
    "conversationId": "c",
    "conversationStart": clock.iso(T),
    "conversationEnd": clock.iso(T + 60_000),
    "surveys": [{"surveyId": "s", "eventTime": clock.iso(T + 90_000)}],
    "participants": [
        {
            "participantId": "p",
            "purpose": "customer",
            "externalContactId": "x",
            "attributes": {"sfCaseId": "500"},
            "sessions": [
                {
                    "sessionId": "i",
                    "segments": [{"segmentStart": clock.iso(T), "segmentEnd": clock.iso(T + 60_000), "disconnectType": "peer"}],
                    "metrics": [
                        {"name": "nConnected", "emitDate": clock.iso(T), "value": 1},
                        {"name": "tConnected", "emitDate": clock.iso(T + 60_000), "value": 60_000},
                    ],
                }
            ],
        },
        {
            "participantId": "q",
            "purpose": "agent",
            "sessions": [
                {
                    "sessionId": "j",
                    "segments": [{"segmentStart": clock.iso(T + 30_000), "segmentEnd": clock.iso(T + 60_000), "wrapUpCode": "w"}],
                }
            ],
        },
    ],
}
CONVERSATION = Conversation("c", T, T + 60_000, T + 90_000, T + 45_000, msgspec.json.encode(RECORD))


def test_an_open_conversation_has_neither_end_nor_what_comes_with_it():
    told = CONVERSATION.record(T + 40_000)
    customer, agent = told["participants"]
    assert "conversationEnd" not in told
    assert "surveys" not in told
    assert "externalContactId" not in customer
    assert [metric["name"] for metric in customer["sessions"][0]["metrics"]] == ["nConnected"]
    assert agent["sessions"][0]["segments"] == [{"segmentStart": clock.iso(T + 30_000)}]


def test_who_has_not_joined_is_not_told():
    assert [participant["purpose"] for participant in CONVERSATION.record(T + 20_000)["participants"]] == ["customer"]


def test_a_settled_conversation_is_told_in_the_same_bytes_ever_after():
    assert CONVERSATION.telling(T + 90_000) is CONVERSATION.told
    assert CONVERSATION.telling(T + 89_999) != CONVERSATION.told
    assert "surveys" not in CONVERSATION.record(T + 60_000)


def test_activity_is_overlap_as_far_as_known():
    assert CONVERSATION.active(T + 30_000, T + 40_000, T + 90_000)
    assert CONVERSATION.active(T + 60_000, T + 70_000, T + 90_000)
    assert not CONVERSATION.active(T + 60_001, T + 70_000, T + 90_000)
    assert not CONVERSATION.active(T - 1_000, T, T + 90_000)
    assert not CONVERSATION.active(T - 1_000, T + 1_000, T - 1)


def test_only_jobs_tell_attributes():
    assert "attributes" not in without_attributes(CONVERSATION.record(T + 90_000))["participants"][0]
