"""Sessions satisfy the identities that real ones satisfy."""

from collections import defaultdict
from typing import Any

import msgspec

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.world import World


def records(world: World):
    return [msgspec.json.decode(one.told) for one in world.conversations if one.id]


def sessions(world: World):
    return [
        (participant, session) for record in records(world) for participant in record["participants"] for session in participant["sessions"]
    ]


def total(session: dict[str, Any], name: str):
    return sum(metric["value"] for metric in session.get("metrics", ()) if metric["name"] == name)


def has(session: dict[str, Any], name: str):
    return any(metric["name"] == name for metric in session.get("metrics", ()))


def length(session: dict[str, Any], kind: str):
    lengths = (
        clock.parse(part["segmentEnd"]) - clock.parse(part["segmentStart"])
        for part in session.get("segments", ())
        if part["segmentType"] == kind
    )
    return sum(lengths)


def test_handle_time_is_the_sum_of_its_parts(world: World):
    handled = [session for _, session in sessions(world) if has(session, "tHandle")]
    assert len(handled) > 1_000
    for session in handled:
        assert total(session, "tHandle") == sum(total(session, name) for name in ("tContacting", "tDialing", "tTalk", "tHeld", "tAcw"))


def test_pieces_add_up_to_the_whole_and_to_the_segments(world: World):
    talked = [session for _, session in sessions(world) if has(session, "tTalk")]
    assert any(not has(session, "tTalkComplete") for session in talked)
    for session in talked:
        assert total(session, "tTalk") == length(session, "interact")
        assert total(session, "tHeld") == length(session, "hold")
        assert total(session, "tAcw") == length(session, "wrapup")
        if has(session, "tTalkComplete"):
            assert total(session, "tTalkComplete") == total(session, "tTalk")
            assert total(session, "tHeldComplete") == total(session, "tHeld")


def test_what_was_answered_had_waited_as_long_in_the_queue(world: World):
    for record in records(world):
        waited = sorted(
            total(session, "tAcd")
            for part in record["participants"]
            if part["purpose"] == "acd"
            for session in part["sessions"]
            if ended_well(session)
        )
        answered = sorted(
            total(session, "tAnswered") for part in record["participants"] for session in part["sessions"] if has(session, "tAnswered")
        )
        assert waited == answered


def ended_well(session: dict[str, Any]):
    return session["segments"][-1]["disconnectType"] == "transfer"


def test_a_conversation_ends_with_the_last_of_its_parts(world: World):
    for record in records(world):
        moments = [
            part["segmentEnd"]
            for participant in record["participants"]
            for session in participant["sessions"]
            for part in session.get("segments", ())
            if "segmentEnd" in part
        ]
        starts = [
            part["segmentStart"]
            for participant in record["participants"]
            for session in participant["sessions"]
            for part in session.get("segments", ())
        ]
        emitted = [
            metric["emitDate"]
            for participant in record["participants"]
            for session in participant["sessions"]
            for metric in session.get("metrics", ())
        ]
        assert min(starts) >= record["conversationStart"]
        if "conversationEnd" in record:
            assert record["conversationEnd"] == max(moments + emitted)


def test_ids_are_unique_and_nothing_is_null(world: World):
    seen = defaultdict(int)
    for record in records(world):
        seen[record["conversationId"]] += 1
        for participant in record["participants"]:
            seen[participant["participantId"]] += 1
            for session in participant["sessions"]:
                seen[session["sessionId"]] += 1
    assert set(seen.values()) == {1}
    assert not any(b":null" in one.told for one in world.conversations if one.id)


def test_there_and_back_again_is_told_in_that_order(world: World):
    journeys = []
    for record in records(world):
        queues = [
            session["segments"][0]["queueId"] for part in record["participants"] if part["purpose"] == "acd" for session in part["sessions"]
        ]
        journeys.append(tuple(queues))
    assert any(len(queues) == 3 and queues[0] == queues[2] != queues[1] for queues in journeys)
