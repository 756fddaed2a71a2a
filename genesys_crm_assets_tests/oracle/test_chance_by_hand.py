"""What the marts say, worked out by hand: intervals and p values as published, a quarter hour of a queue, a release's two weeks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from .audit import percent
from .crm import Settings
from .facts import Versions
from .marts import (
    agent_performance,
    bot_containment_by_industry,
    interaction_volume,
    queue_performance,
)
from .outcomes import customer_outcomes
from .releases import WEEK, dim_product_release, escalation_by_release
from .significance import holm, newcombe, pooled_z, wilson
from .values import MILLISECOND, Row

DAY = date(2026, 1, 5)
QUARTER = datetime(2026, 1, 5, 10, 15, tzinfo=UTC)
RELEASED = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


def test_newcombe_of_56_in_70_and_48_in_80_is_as_published():
    """Newcombe 1998, table II, example a, method 10: 0.0524 to 0.3339. From Wilson's 0.6919 to 0.8769 and 0.4908 to 0.6999."""
    assert wilson(56, 70) == pytest.approx((0.6919, 0.8769), abs=1e-3)
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(48, 80, 56, 70) == pytest.approx((-0.3339, -0.0524), abs=5e-5)


def test_newcombe_of_nothing_in_ten_and_nothing_in_twenty_is_as_published():
    """The same table, example h: zero differences still have an interval."""
    assert newcombe(0, 10, 0, 20) == pytest.approx((-0.1611, 0.2775), abs=5e-5)


def test_the_pooled_z_of_56_in_70_and_48_in_80_is_2_65():
    """Pooled share 104/150; its error √(0.69333 x 0.30667 x (1/70 + 1/80)) = 0.075467; 0.2 over it is 2.6502: p = 0.00805."""
    assert pooled_z(56, 70, 48, 80) == pytest.approx(0.00805, abs=5e-6)
    assert pooled_z(5, 10, 50, 100) == 1.0


def test_holm_multiplies_by_what_is_left_and_never_goes_down():
    """0.01 x 3 = 0.03; 0.03 x 2 = 0.06; 0.04 x 1 = 0.04, which may not be less than the one before."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def test_a_percentage_rounds_halves_up_as_sql_does():
    """1 in 16 is 6.25 per cent exactly; Python alone would say 6.2."""
    assert (percent(1, 16), percent(1, 3), percent(0, 7), percent(7, 7)) == (6.3, 33.3, 0.0, 100.0)


def activity(metric: str, count: int, total: int | None = None, **where: object) -> Row:
    own: Row = {"day_utc": DAY, "interval_start_utc": QUARTER, "queue_id": "q-a", "agent_id": None, "media_type": "voice"}
    return {**own, "metric": metric, "count": count, "sum": total, **where}


def named(entity: str, thing: str, *names: tuple[str, datetime]) -> Versions:
    rows = [{f"{entity}_id": thing, "name": name, "valid_from": since} for name, since in names]
    return Versions({entity: rows})


def test_a_quarter_hour_of_a_queue():
    """Ten offered, eight answered after 160 s in all, one of them too late, two abandoned; eight handled, 40 minutes in all, by two agents."""
    rows = [
        activity("nOffered", 6),
        activity("nOffered", 4, media_type="message"),
        activity("tAnswered", 5, 100_000, agent_id="u-1"),
        activity("tAnswered", 3, 60_000, agent_id="u-2"),
        activity("tAbandon", 2, 9_000),
        activity("tHandle", 8, 2_400_000, agent_id="u-1"),
        activity("nOverSla", 1, agent_id="u-2"),
        activity("tTalk", 99, 9),
        activity("nOffered", 50, queue_id=None),
    ]
    renamed = named("queue", "q-a", ("Before", QUARTER - timedelta(days=9)), ("After", QUARTER + MILLISECOND))
    assert queue_performance(rows, renamed) == [
        {
            "day_utc": DAY,
            "queue_id": "q-a",
            "queue_name": "Before",
            "interval_start_utc": QUARTER,
            "offered": 10,
            "answered": 8,
            "abandoned": 2,
            "abandon_rate": 0.2,
            "asa_ms": 20_000,
            "aht_ms": 300_000,
            "service_level": 0.7,
        }
    ]


def test_a_rate_with_nothing_below_the_line_is_null():
    """An agent who only handled: nothing offered, answered or abandoned. A name that no listing knows is null."""
    (row,) = agent_performance([activity("tHandle", 2, 50, agent_id="u-1")], Versions({}))
    assert (row["agent_id"], row["agent_name"], row["offered"], row["aht_ms"]) == ("u-1", None, 0, 25)
    assert (row["abandon_rate"], row["asa_ms"], row["service_level"]) == (None, None, None)


def contacts(tier: str, start: datetime, total: int, escalated: int) -> list[Row]:
    one: Row = {"customer_tier_at_interaction": tier, "conversation_start": start}
    return [{**one, "was_escalated": number < escalated} for number in range(total)]


def test_a_release_is_compared_week_by_week_tier_by_tier():
    """Enterprise: 48 of 80 before, 56 of 70 after, +20 points. Mid: nothing after. SMB: nobody escalated. Two neighbours just outside."""
    rows = [
        *contacts("Enterprise", RELEASED - WEEK, 80, 48),
        *contacts("Enterprise", RELEASED - WEEK - MILLISECOND, 500, 500),
        *contacts("Enterprise", RELEASED, 70, 56),
        *contacts("Enterprise", RELEASED + WEEK, 500, 500),
        *contacts("Mid", RELEASED - MILLISECOND, 4, 1),
        *contacts("SMB", RELEASED - MILLISECOND, 4, 0),
        *contacts("SMB", RELEASED + WEEK - MILLISECOND, 4, 0),
        *contacts("Unknown", RELEASED, 9, 9),
    ]
    release = {"release": "2026.1", "product": "App", "released_at": RELEASED}
    days = [date(2026, 1, 8) + timedelta(days=number) for number in range(15)]
    found = escalation_by_release(rows, [release], days)
    assert [row["customer_tier"] for row in found] == ["Enterprise", "Mid", "SMB"]
    enterprise, mid, smb = found
    counts = ("contacts_before", "escalations_before", "contacts_after", "escalations_after")
    assert [enterprise[name] for name in counts] == [80, 48, 70, 56]
    assert (enterprise["rate_before_pct"], enterprise["rate_after_pct"]) == pytest.approx((60.0, 80.0))
    assert enterprise["difference_points"] == pytest.approx(20.0)
    assert (enterprise["difference_low_points"], enterprise["difference_high_points"]) == pytest.approx((5.24, 33.39), abs=5e-3)
    # The only tier with anything to test stands alone before Holm.
    assert enterprise["p_adjusted"] == enterprise["p_value"] == pytest.approx(0.00805, abs=5e-6)
    assert enterprise["is_significant"]
    assert enterprise["is_complete"]
    assert (mid["difference_points"], mid["difference_low_points"], mid["difference_high_points"]) == (None, None, None)
    # Wilson's upper end of none of four is z² ÷ (4 + z²) = 48.99 %, on both sides.
    assert (smb["difference_points"], smb["difference_low_points"], smb["difference_high_points"]) == pytest.approx(
        (0.0, -48.99, 48.99), abs=5e-3
    )
    for row in (mid, smb):
        assert (row["p_value"], row["p_adjusted"], row["is_significant"]) == (None, None, False)
    assert mid["rate_after_pct"] is None
    assert not escalation_by_release(rows, [release], days[:-1])[0]["is_complete"]


def test_a_release_at_midnight_touches_fourteen_days():
    """The second week ends where the fifteenth day begins."""
    release = {"release": "2026.1", "product": "App", "released_at": RELEASED.replace(hour=0)}
    days = [date(2026, 1, 8) + timedelta(days=number) for number in range(14)]
    assert escalation_by_release(contacts("SMB", RELEASED, 1, 0), [release], days)[0]["is_complete"]


def test_the_last_list_of_releases_is_the_list():
    first = {"observed_at": RELEASED, "releases": [{"release": "1", "product": "App", "released_at": RELEASED}]}
    moved = {"release": "2", "product": "App", "released_at": RELEASED}
    last = {"observed_at": RELEASED + MILLISECOND, "releases": [moved, dict(moved)]}
    assert dim_product_release([last, first]) == [moved]
    assert dim_product_release([]) == []


def test_bots_and_volume_by_hand():
    """Two of three Retail contacts stayed with the bot, one was abandoned; the eighth-last final day no longer counts."""
    final = [DAY + timedelta(days=number) for number in range(8)]
    row: Row = {"industry": "Retail", "handled_by_bot_only": True, "abandoned": False, "customer_tier": "SMB", "csat_score": 80}
    row |= {"handle_time_ms": 1500, "talk_time_ms": 0, "queue_time_ms": 0, "wrap_up_time_ms": 0}
    rows: list[Row] = [
        {**row, "day_utc": final[1], "media_type": "voice"},
        {**row, "day_utc": final[7], "media_type": "voice", "csat_score": None},
        {**row, "day_utc": final[7], "media_type": None, "handled_by_bot_only": False, "abandoned": True, "csat_score": 40},
        {**row, "day_utc": final[0], "media_type": "email", "customer_tier": None},
        {**row, "day_utc": final[7], "media_type": "email", "industry": None, "csat_score": 30},
    ]
    assert bot_containment_by_industry(rows, final) == [
        {"industry": "Retail", "total_contacts": 3, "bot_containment_pct": 66.7, "abandon_rate_pct": 33.3}
    ]
    assert [(row["created_date"], row["channel"], row["interactions"]) for row in interaction_volume(rows)] == [
        (final[0], "EMAIL", 1),
        (final[1], "VOICE", 1),
        (final[7], None, 1),
        (final[7], "EMAIL", 1),
        (final[7], "VOICE", 1),
    ]
    assert sum(row["handle_time_sec"] for row in interaction_volume(rows)) == 7.5


def at(day: int) -> datetime:
    return datetime(2026, 1, day, 12, tzinfo=UTC)


def outcome_tables() -> dict[str, list[Row]]:
    """An account that rose from SMB to Mid on the 7th; a case of it; an opportunity won on the 6th, reopened on the 8th, and one still open."""
    account: Row = {"account_id": "A", "is_current": False}
    case: Row = {"case_id": "C", "account_id": "A", "valid_from": at(6), "is_current": True, "created_at": at(6), "closed_at": at(8)}
    opportunity: Row = {"opportunity_id": "O", "account_id": "A", "amount": 500.0}
    return {
        "account": [
            {**account, "valid_from": at(1), "customer_tier": "SMB"},
            {**account, "valid_from": at(7), "customer_tier": "Mid", "is_current": True},
        ],
        "case": [case, {**case, "case_id": "gone", "is_current": False}],
        "opportunity": [
            {**opportunity, "valid_from": at(2), "valid_to": at(6), "stage_name": "Proposal"},
            {**opportunity, "valid_from": at(6), "valid_to": at(8), "stage_name": "Closed Won"},
            {**opportunity, "valid_from": at(8), "valid_to": None, "stage_name": "Proposal"},
            {**opportunity, "opportunity_id": "P", "valid_from": at(2), "valid_to": None, "stage_name": "Proposal", "amount": None},
        ],
    }


def test_outcomes_count_for_the_tier_of_their_moment_until_the_last_final_day():
    """With the 7th final the win of the 6th stands; with the 8th it was undone, the case is closed after 48 hours, and 500 are open again."""
    customers: list[Row] = [{"interaction_timestamp_utc": at(6), "customer_tier": None, "csat_score": 80}]
    nothing: Row = {"contacts": 0, "cases_created": 0, "cases_closed": 0, "case_resolution_rate": None, "median_hours_to_close": None}
    nothing |= {"csat_score": None, "revenue": 0.0, "pipeline": 0.0, "month": date(2026, 1, 1)}
    nobody = {**nothing, "customer_tier": "Unknown", "contacts": 1, "csat_score": 80}
    small = {**nothing, "customer_tier": "SMB", "cases_created": 1, "case_resolution_rate": 0.0}

    def outcomes(last: int, *absent: str) -> list[Row]:
        final = [DAY, date(2026, 1, last)]
        return customer_outcomes(customers, outcome_tables(), Settings(sources_absent=absent), (DAY, final))

    assert outcomes(7) == [{**nothing, "customer_tier": "Mid"}, {**small, "revenue": 500.0}, nobody]
    closed = {**nothing, "customer_tier": "Mid", "cases_closed": 1, "median_hours_to_close": 48.0}
    assert outcomes(8) == [{**closed, "pipeline": 500.0}, small, nobody]
    assert outcomes(8, "opportunities")[0]["pipeline"] is None
    assert customer_outcomes(customers, outcome_tables(), Settings(), (DAY, [])) == []
