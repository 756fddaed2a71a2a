"""The slow reading agrees with the fast one."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.staging.conversation import Conversation
from genesys_crm_assets.staging.conversation_fields import settled
from genesys_crm_assets_tests.builders import agent, at, conversation, customer, metric, segment, session, talk

moments = st.datetimes(timezones=st.just(None)).map(lambda when: when.isoformat(timespec="milliseconds") + "Z")
participants = st.lists(
    st.sampled_from(
        [customer(), customer(attributes={"a": "b"}), agent(talk()), agent(session(metrics=[metric("tHandle", -5, at("10:00"))]))]
    ),
    max_size=4,
)


@given(participants, moments, st.lists(st.floats(0, 100), max_size=2), st.sampled_from([segment(), segment(queueId="é")]))
def test_whatever_the_fast_decoder_takes_the_slow_one_reads_alike(people: list[object], ended: str, scores: list[float], part: object):
    told = conversation(
        conversationEnd=ended,
        participants=[*people, {"sessions": [{"segments": [part]}]}],
        evaluations=[{"oTotalScore": score, "released": True} for score in scores],
    )
    fast = msgspec.json.decode(json.dumps(told), type=Conversation)
    assert msgspec.convert(settled(told, Conversation), Conversation) == fast
