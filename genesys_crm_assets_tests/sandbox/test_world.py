"""The world has the proportions it promises, and is the same world every time."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import msgspec
import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.world import World

START = date(2026, 1, 5)
AT_NOON = clock.of(datetime(2026, 1, 8, 12, tzinfo=UTC))


def drawn(seed: int = 11, per_day: int = 40, days: int = 2, start: date = START):
    world = World(seed, start, days, per_day)
    world.ensure(clock.midnight(start) + days * clock.DAY + clock.DAY // 2)
    return world


def fingerprint(world: World):
    now = clock.midnight(world.start) + world.days * clock.DAY + clock.DAY // 2
    return [conversation.told for conversation in world.conversations], world.tables(now), world.truth(now)


def test_the_same_seed_gives_the_same_world_byte_for_byte():
    assert fingerprint(drawn()) == fingerprint(drawn())
    assert fingerprint(drawn()) != fingerprint(drawn(seed=12))


def test_few_conversations_never_end():
    """They are told of every day from then on (Genesys: conversation detail): one every day would be half of what a day tells after a year."""
    world = drawn(per_day=120, days=30)
    endless = [clock.midnight(START) // clock.DAY + place for place in (0, 28)]
    assert [one.start // clock.DAY for one in world.conversations if one.end is None] == endless


def test_what_is_drawn_later_is_what_would_have_been_drawn_at_once():
    """Advancing the clock by steps or by a leap shows the same world."""
    leap, steps = World(3, START, 2, 40), World(3, START, 2, 40)
    end = clock.midnight(START) + 5 * clock.DAY
    leap.ensure(end)
    for hours in range(0, 5 * 24 + 1, 7):
        steps.ensure(clock.midnight(START) + hours * clock.HOUR)
    steps.ensure(end)
    assert leap.truth(end) == steps.truth(end)
    assert leap.tables(end) == steps.tables(end)
    assert [one.told for one in leap.conversations] == [one.told for one in steps.conversations]


def test_who_is_going_on_is_found_by_day_as_by_looking_at_everybody(world: World):
    """Conversations are kept by the days they last; intervals of any length, over midnights and from long before, find the same."""
    first = clock.midnight(START)
    assert any(one.end and one.start < first - clock.DAY for one in world.conversations)
    for start, end in [(0, 1), (0, 24), (23, 25), (24, 72), (30, 31), (-24, 0), (-60, 200), (48, 48 + 31 * 24), (70, 71)]:
        begin, until = first + start * clock.HOUR, first + end * clock.HOUR
        for known in (begin + clock.MINUTE, AT_NOON):
            expected = [one for one in world.conversations if one.active(begin, until, known)]
            assert list(world.active(begin, until, known)) == expected


def test_a_tenth_of_the_contacts_share_a_number(world: World):
    numbers = defaultdict(set)
    contacts = [row for row in world.tables(AT_NOON)["Contact"] if not row["IsDeleted"]]
    for row in contacts:
        for field in ("Phone", "MobilePhone", "HomePhone", "OtherPhone"):
            if row[field]:
                numbers["".join(char for char in row[field] if char.isdigit())[-10:]].add(row["Id"])
    sharing = set().union(*(owners for owners in numbers.values() if len(owners) > 1))
    assert len(sharing) >= 0.10 * len(contacts)
    assert len({row["Phone"][:2] for row in contacts if row["Phone"]}) > 3


def test_a_fifth_of_the_contacts_have_two_cases_open_at_once(world: World):
    noon = clock.crm(AT_NOON // 1000)
    opened = Counter(row["ContactId"] for row in world.tables(AT_NOON)["Case"] if not row["ClosedDate"] or row["ClosedDate"] > noon)
    callers = world._teller._people.contacts
    assert sum(opened[contact.id] >= 2 for contact in callers) >= 0.20 * len(callers)


def test_a_twentieth_of_the_true_cases_are_out_of_every_reach(world: World):
    truths = [truth for truth in world.truth(AT_NOON).values() if truth.case_id]
    away = [truth for truth in truths if truth.how in {"logged_later", "closed_before"}]
    assert 0.05 * len(truths) <= len(away) <= 0.15 * len(truths)
    assert not any(truth.reachable for truth in away)


def test_at_most_two_fifths_are_told_and_one_in_fifty_of_them_is_wrong(world: World):
    truths = [truth for truth in world.truth(AT_NOON).values() if truth.case_id]
    told = [truth for truth in truths if truth.told_case_id]
    assert 0.25 * len(truths) <= len(told) <= 0.40 * len(truths)
    wrong = [truth for truth in told if truth.told_case_id != truth.case_id]
    assert abs(len(wrong) - len(told) / 50) <= 1


def test_half_of_the_conversations_about_an_open_case_leave_a_row_in_its_history(world: World):
    how = Counter(truth.how for truth in world.truth(AT_NOON).values())
    assert how["touched"] / (how["touched"] + how["open"]) == pytest.approx(0.5, abs=0.06)
    stamps = defaultdict(list)
    for row in world.tables(AT_NOON)["CaseHistory"]:
        if row["OldValue"] is not None or row["NewValue"] is not None:
            stamps[row["CaseId"]].append(clock.parse(row["CreatedDate"]))
    skew = 10 * clock.MINUTE
    for conversation_id, truth in world.truth(AT_NOON).items():
        conversation = world.by_id[conversation_id]
        end = conversation.end
        if truth.how == "touched" and end is not None and end < AT_NOON - skew:
            assert any(conversation.start - skew <= stamp <= end + skew for stamp in stamps[truth.case_id])


def test_a_case_born_of_a_conversation_is_created_meanwhile_give_or_take_the_clocks(world: World):
    created = {row["Id"]: clock.parse(row["CreatedDate"]) for row in world.tables(AT_NOON)["Case"]}
    offsets = []
    for conversation_id, truth in world.truth(AT_NOON).items():
        conversation = world.by_id[conversation_id]
        if truth.how == "created" and conversation.end is not None and truth.case_id in created:
            offset = created[truth.case_id] - conversation.start
            assert -10 * clock.MINUTE <= offset <= conversation.end - conversation.start + 10 * clock.MINUTE
            offsets.append(offset)
    assert min(offsets) < 0


def test_two_thirds_of_the_callers_are_known_and_all_five_media_occur(world: World):
    truths = world.truth(AT_NOON)
    assert 0.60 <= sum(truth.contact_id is not None for truth in truths.values()) / len(truths) <= 0.72
    media = Counter(metric.facets.mediaType for metrics in world.metrics.values() for metric in metrics)
    assert {"voice", "callback", "chat", "email", "message"} == set(media)


def test_everything_that_makes_life_hard_occurs(world: World):
    """Transfers, abandons, bots, scores of every standing, midnight crossings, open ones, unknown words, 64-bit times."""
    records = [msgspec.json.decode(one.told) for one in world.conversations if one.id]
    names = Counter(metric.name for metrics in world.metrics.values() for metric in metrics)
    for name in (
        "nTransferred",
        "nBlindTransferred",
        "nConsultTransferred",
        "tAbandon",
        "tFlowOut",
        "tNotResponding",
        "nOverSla",
        "tDialing",
        "nBotInteractions",
    ):
        assert names[name], name
    assert max(metric.value for metrics in world.metrics.values() for metric in metrics) > 2**31
    evaluations = [entry for record in records for entry in record.get("evaluations", ())]
    assert {entry["released"] for entry in evaluations} == {True, False}
    assert any("calibrationId" in entry for entry in evaluations)
    assert any(entry.get("deleted") for entry in evaluations)
    assert any("oSurveyTotalScore" in entry for record in records for entry in record.get("surveys", ()))
    whole = [one for one in world.conversations if one.id and one.end is not None]
    assert sum(one.start // clock.DAY != one.end // clock.DAY for one in whole) > 20
    assert any(one.end - one.start > 2 * clock.DAY for one in whole)
    assert any(one.end is None for one in world.conversations)
    assert any("sentimentSummary" in record for record in records)
    text = b"".join(one.told for one in world.conversations)
    for word in (
        b"gracefulExit",
        b"ININ-WRAP-UP-TIMEOUT",
        b'"botHandled"',
        b'"escalated"',
        b'"sfAccountId"',
        b'"purpose":"user"',
        b'"purpose":"external"',
    ):
        assert word in text


def test_the_days_have_a_rhythm(world: World):
    hours = Counter((one.start % clock.DAY) // clock.HOUR for one in world.conversations)
    assert hours[14] > 5 * hours[5]
    first = clock.midnight(START)
    counts = [sum(first + day * clock.DAY <= one.start < first + (day + 1) * clock.DAY for one in world.conversations) for day in range(3)]
    assert counts[0] > counts[2] > 600


def test_merges_chain_and_their_cases_follow(world: World):
    late = AT_NOON + 30 * clock.DAY
    contacts = {row["Id"]: row for row in world.crm.tables(late // 1000)["Contact"]}
    losers = {row["Id"]: row["MasterRecordId"] for row in contacts.values() if row["MasterRecordId"]}
    assert any(master in losers for master in losers.values())
    assert all(contacts[loser]["IsDeleted"] for loser in losers)
    assert not any(row["ContactId"] in losers for row in world.crm.tables(late // 1000)["Case"])
