"""Which case it was about (§6.3): the rules, their edges, and what decides between cases that satisfy the same one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets_tests.crm_world import NOON, World, an_id, minutes

LASTING = minutes(5)
MS = timedelta(milliseconds=1)
OLD = NOON - minutes(10_000)


def world_with(*cases: dict[str, Any], told: dict[str, str] | None = None, lasting: timedelta | None = LASTING) -> World:
    """One interaction of one contact from noon to five past, and that contact's cases, numbered from 1."""
    world = World(told=told or {})
    contact = world.contact()
    for number, case in enumerate(cases, start=1):
        changes = case.get("changed", ())
        made = world.case(number, contact_id=contact, **{name: value for name, value in case.items() if name != "changed"})
        for moment in changes:
            world.change(made, moment)
    world.interaction(crm_contact_id=contact, lasting=lasting)
    return world


def rule(*cases: dict[str, Any], **world: Any) -> tuple[str | None, int | None]:
    """The rule that linked, and the number of the case."""
    link = world_with(*cases, **world).link()
    numbers = {an_id("case", number): number for number in range(1, len(cases) + 1)}
    return link["case_match_rule"], numbers.get(link["case_id"])


@pytest.mark.shows("S0-55", "S0-56")
@pytest.mark.parametrize(
    ("created", "expected"),
    [
        (NOON - minutes(15) - MS, "open_case"),
        (NOON - minutes(15), "created_with"),
        (NOON + LASTING + minutes(15), "created_with"),
        (NOON + LASTING + minutes(15) + MS, None),
    ],
)
def test_a_case_is_born_with_an_interaction_within_the_tolerance_on_either_side(created: datetime, expected: str | None):
    assert rule({"created_at": created})[0] == expected


@pytest.mark.shows("S0-56")
def test_the_tolerance_is_configuration():
    case = {"created_at": NOON - minutes(7)}
    assert rule(case, told={"MATCH_TOLERANCE_MINUTES": "5"})[0] == "open_case"
    assert rule(case, told={"MATCH_TOLERANCE_MINUTES": "7"})[0] == "created_with"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (NOON - minutes(15) - MS, "open_case"),
        (NOON - minutes(15), "touched_with"),
        (NOON + LASTING + minutes(15), "touched_with"),
        (NOON + LASTING + minutes(15) + MS, "open_case"),
    ],
)
def test_a_case_somebody_worked_on_meanwhile_is_touched(changed: datetime, expected: str):
    assert rule({"created_at": OLD, "changed": [changed]})[0] == expected


def test_a_history_row_without_values_touches_nothing():
    world = world_with({"created_at": OLD})
    world.change(an_id("case", 1), NOON, field="created", old_value=None, new_value=None)
    assert world.link()["case_match_rule"] == "open_case"
    world.change(an_id("case", 1), NOON, object="Account")
    assert world.link()["case_match_rule"] == "open_case"
    world.change(an_id("case", 1), NOON, old_value=None)
    assert world.link()["case_match_rule"] == "touched_with"


@pytest.mark.shows("S0-68")
@pytest.mark.parametrize(
    ("created", "closed", "expected"),
    [
        (OLD, NOON - minutes(15), "open_case"),
        (OLD, NOON - minutes(15) - MS, None),
        (NOON - minutes(48 * 60), NOON - minutes(16), "lookback"),
        (NOON - minutes(48 * 60) - MS, NOON - minutes(16), None),
    ],
)
def test_a_case_is_open_until_the_tolerance_and_then_recent_for_two_days(created: datetime, closed: datetime, expected: str | None):
    assert rule({"created_at": created, "closed_at": closed})[0] == expected


@pytest.mark.shows("S0-68")
def test_the_look_back_is_configuration():
    closed = {"created_at": NOON - minutes(90), "closed_at": NOON - minutes(60)}
    assert rule(closed, told={"MATCH_LOOKBACK_HOURS": "1"})[0] is None


def test_the_lowest_rule_decides_whatever_the_distances():
    recent = {"created_at": NOON - minutes(60), "closed_at": NOON - minutes(30)}
    still_open = {"created_at": OLD - minutes(2)}
    touched = {"created_at": OLD, "changed": [NOON - minutes(14)]}
    born = {"created_at": NOON + LASTING + minutes(15)}
    assert rule(recent, still_open, touched, born) == ("created_with", 4)
    assert rule(recent, still_open, touched) == ("touched_with", 3)
    assert rule(recent, still_open) == ("open_case", 2)
    assert rule(recent) == ("lookback", 1)


def test_the_nearest_birth_wins_and_inside_the_interaction_distance_is_nought():
    before, inside, after = ({"created_at": NOON + minutes(number)} for number in (-1, 3, 6))
    assert rule(before, after, inside) == ("created_with", 3)
    assert rule({"created_at": NOON - minutes(2)}, after) == ("created_with", 2)


def test_of_two_touched_cases_the_one_touched_nearest_wins_though_created_further():
    """Each case's nearest change counts, not its first or last."""
    far = {"created_at": OLD, "changed": [NOON - minutes(14), NOON + LASTING + minutes(1), NOON + LASTING + minutes(9)]}
    near = {"created_at": NOON - minutes(20), "changed": [NOON - minutes(2)]}
    assert rule(near, far) == ("touched_with", 2)


@pytest.mark.shows("S0-57")
def test_ties_go_to_the_nearer_birth_then_the_earlier_then_the_smaller_id():
    touched_alike = [{"created_at": OLD, "changed": [NOON]}, {"created_at": OLD + minutes(1), "changed": [NOON]}]
    assert rule(*touched_alike) == ("touched_with", 2)
    either_side = [{"created_at": NOON + LASTING + minutes(1)}, {"created_at": NOON - minutes(1)}]
    assert rule(*either_side) == ("created_with", 2)
    twins = [{"created_at": OLD}, {"created_at": OLD}]
    assert rule(*twins) == ("open_case", 1)


def test_an_open_interaction_is_measured_at_its_start():
    assert rule({"created_at": NOON + minutes(16)}, lasting=None)[0] is None
    assert rule({"created_at": NOON + minutes(15)}, lasting=None)[0] == "created_with"


def test_an_interaction_counts_for_a_day_at_most():
    assert rule({"created_at": NOON + minutes(24 * 60 + 15)}, lasting=timedelta(days=3))[0] == "created_with"
    assert rule({"created_at": NOON + minutes(24 * 60 + 15) + MS}, lasting=timedelta(days=3))[0] is None


@pytest.mark.shows("S0-56", "S0-67", "S0-69")
def test_inside_a_high_latency_period_the_window_is_wide():
    """The period is half-open: it ends as its last day begins."""
    late = {"created_at": NOON + minutes(20 * 60)}
    assert rule(late, told={"HIGH_LATENCY_PERIODS": "2026-01-01/2026-01-02;2026-03-10/2026-03-11"})[0] == "created_with"
    assert rule(late, told={"HIGH_LATENCY_PERIODS": "2026-03-09/2026-03-10"})[0] is None
    narrower = {"HIGH_LATENCY_PERIODS": "2026-03-10/2026-03-11", "MATCH_WINDOW_HOURS": "19"}
    assert rule(late, told=narrower)[0] is None


@pytest.mark.shows("S0-66", "S0-67", "S0-69")
@pytest.mark.parametrize(
    ("created", "usual", "widened"),
    [
        ("2027-01-01T00:15", "created_with", "created_with"),
        ("2027-01-01T09:00", None, "created_with"),
        ("2027-01-02T00:03", None, "created_with"),
        ("2027-01-02T00:03:00.001", None, None),
    ],
)
def test_an_interaction_of_the_old_year_finds_its_case_of_the_new_one(created: str, usual: str | None, widened: str | None):
    """It ended three minutes past midnight. The year's turn by itself parts nothing; where logging is slow, a listed period gives 24 hours."""

    def linked(periods: str) -> str | None:
        world = World(told={"HIGH_LATENCY_PERIODS": periods})
        contact = world.contact()
        world.case(contact_id=contact, created_at=datetime.fromisoformat(created))
        world.interaction(start=datetime(2026, 12, 31, 23, 58), lasting=LASTING, crm_contact_id=contact)  # noqa: DTZ001 - UTC
        rule_found: str | None = world.link()["case_match_rule"]
        return rule_found

    assert (linked(""), linked("2026-12-30/2027-01-03")) == (usual, widened)


def test_a_rule_left_out_is_not_tried_and_its_cases_are_no_candidates():
    born, still_open = {"created_at": NOON}, {"created_at": OLD}
    world = world_with(born, still_open, told={"MATCH_RULES": "case_attribute,open_case"})
    link = world.link()
    assert (link["case_match_rule"], link["case_id"], link["match_candidates"]) == ("open_case", an_id("case", 2), 1)
    assert rule({"created_at": OLD, "changed": [NOON]}, told={"MATCH_RULES": "open_case"})[0] is None


@pytest.mark.shows("S0-57")
def test_candidates_are_the_cases_that_any_rule_would_have_accepted():
    reach = [{"created_at": NOON}, {"created_at": OLD}, {"created_at": NOON - minutes(60), "closed_at": NOON - minutes(30)}]
    out_of_reach = [{"created_at": OLD, "closed_at": NOON - minutes(100)}, {"created_at": NOON + minutes(500)}]
    assert world_with(*reach, *out_of_reach).link()["match_candidates"] == 3


@pytest.mark.shows("S0-55")
def test_the_offset_is_signed_and_counted_from_the_start():
    assert world_with({"created_at": NOON - minutes(1)}).link()["match_offset_ms"] == -60_000
    assert world_with({"created_at": NOON + minutes(7)}).link()["match_offset_ms"] == 420_000


@pytest.mark.shows("S0-70")
def test_where_no_case_is_in_reach_the_nearest_stands_beside_the_reason():
    past, future = {"created_at": OLD, "closed_at": OLD + minutes(1)}, {"created_at": NOON + minutes(65)}
    link = world_with(past, future).link()
    assert link["case_id"] is None
    assert (link["nearest_case_id"], link["nearest_case_offset_ms"]) == (an_id("case", 2), 65 * 60_000)
    assert [one["reason"] for one in link["reasons"]] == ["no_case_in_window"]


def test_where_a_case_was_linked_no_nearest_is_named():
    assert world_with({"created_at": NOON}, {"created_at": NOON + minutes(65)}).link()["nearest_case_id"] is None


@pytest.mark.shows("S0-70", "S0-47")
def test_a_customer_without_a_living_case_is_set_aside():
    world = world_with({"created_at": NOON, "ended": NOON + minutes(1)})
    link = world.link()
    assert link["contact_id"] is not None
    assert [one["reason"] for one in link["reasons"]] == ["customer_without_case"]


def test_only_where_the_account_alone_is_known_its_cases_are_candidates():
    world = World()
    account = world.account()
    colleague, contact = world.contact(1, account_id=account), world.contact(2, account_id=account)
    world.case(1, contact_id=colleague, account_id=account, created_at=NOON)
    world.interaction("account", crm_account_id=account)
    world.interaction("contact", crm_account_id=account, crm_contact_id=contact)
    found = world.links()
    assert (found["account"]["case_id"], found["account"]["contact_id"]) == (an_id("case", 1), None)
    assert found["contact"]["case_id"] is None


@pytest.mark.shows("S0-47", "S0-48")
def test_the_cases_of_a_merged_contact_are_the_survivors():
    world = World()
    survivor = world.contact(1)
    merged = world.contact(2, ended=NOON + minutes(60), surviving_id=survivor)
    case = world.case(contact_id=merged, created_at=NOON)
    world.interaction(crm_contact_id=survivor)
    assert world.link()["case_id"] == case


MOMENTS = st.integers(-4_000, 400).map(minutes)
CASES = st.lists(
    st.fixed_dictionaries(
        {"created": MOMENTS, "open_for": st.none() | st.integers(0, 3_000).map(minutes), "touched": st.lists(MOMENTS, max_size=2)}
    ),
    max_size=8,
)


@given(CASES, st.randoms())
@settings(max_examples=20, deadline=None)
@pytest.mark.shows("S0-57")
def test_the_order_in_which_cases_are_read_decides_nothing(cases: list[dict[str, Any]], random: Any):
    def linked(told: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
        world = World()
        contact = world.contact()
        for number, case in told:
            created = NOON + case["created"]
            closed = None if case["open_for"] is None else created + case["open_for"]
            made = world.case(number, contact_id=contact, created_at=created, closed_at=closed)
            for moment in case["touched"]:
                world.change(made, NOON + moment)
        world.interaction(crm_contact_id=contact)
        return world.link()

    numbered = list(enumerate(cases))
    shuffled = random.sample(numbered, len(numbered))
    assert linked(numbered) == linked(shuffled)
