"""How well agents kept to their schedules, by agent and day (§6.9)."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.facts import agent_adherence
from genesys_crm_assets.lake.body import Day
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.raw import genesys_adherence
from genesys_crm_assets.sources.errors import UnexpectedShape
from genesys_crm_assets_tests.builders import engine, hold
from genesys_crm_assets_tests.running import rows, verdicts

DAY = date(2026, 11, 3)
TABLE, BODY = agent_adherence.TABLE, agent_adherence.BODY
METRICS = {
    "dayStartOffsetSeconds": 0,
    "adherenceScheduleSeconds": 27_000,
    "conformanceScheduleSeconds": 28_800,
    "conformanceActualSeconds": 27_360,
    "exceptionCount": 3,
    "exceptionDurationSeconds": 1_350,
    "impactSeconds": -1_440,
    "scheduleLengthSeconds": 30_600,
    "actualLengthSeconds": 29_000,
    "adherencePercentage": 95.0,
    "conformancePercentage": 95.5,
}
ROW = {
    "agent_id": "ann",
    "adherence_percentage": 95.0,
    "conformance_percentage": 95.5,
    "adherence_schedule_seconds": 27_000,
    "conformance_schedule_seconds": 28_800,
    "conformance_actual_seconds": 27_360,
    "exception_count": 3,
    "exception_seconds": 1_350,
    "impact_seconds": -1_440,
}


def user(name: str = "ann", *days: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"userId": name, "adherencePercentage": 90.0, "conformancePercentage": 91.0, "impact": "Neutral"}
    return {**told, "dayMetrics": list(days or (METRICS,)), **more}


def result(*users: Any, unit: str = "mu-1", **more: Any) -> dict[str, Any]:
    over = {"startDate": "2026-11-03T00:00:00Z", "endDate": "2026-11-04T00:00:00.000Z"}
    return {**over, "managementUnitId": unit, "userResults": list(users), "lookupIdToSecondaryPresenceId": {}, **more}


def adherence(*results: Any) -> list[dict[str, Any]]:
    """The rows of the day, proved."""
    connection = engine()
    pages = [
        {"page": number, "body": json.dumps(told).encode(), "record_count": len(told.get("userResults") or ()), "day_utc": DAY}
        for number, told in enumerate(results, 1)
    ]
    hold(connection, genesys_adherence.TABLE, pages)
    found = rows(BODY, connection, DAY)
    assert all(verdicts(TABLE, BODY, connection, found, DAY).values())
    return sorted(found, key=lambda row: str(row["agent_id"]))


@pytest.mark.shows("S1-1")
def test_the_figures_of_the_day_by_hand():
    """Ann: 27,000 s scheduled, 1,350 s otherwise engaged, so 95 %."""
    assert adherence(result(user())) == [ROW]
    assert [column.name for column in TABLE.columns] == list(ROW) == body_schema(TABLE).names


def test_a_percentage_the_day_does_not_tell_is_the_agents():
    (found,) = adherence(result(user("ann", {**METRICS, "adherencePercentage": None, "conformancePercentage": 0.0})))
    assert (found["adherence_percentage"], found["conformance_percentage"]) == (90.0, 0.0)


@pytest.mark.parametrize("days", [None, []])
def test_a_result_that_tells_of_the_agent_as_a_whole_only_has_percentages_only(days: Any):
    (found,) = adherence(result(user(dayMetrics=days)))
    assert found == dict.fromkeys(ROW) | {"agent_id": "ann", "adherence_percentage": 90.0, "conformance_percentage": 91.0}


@pytest.mark.parametrize(
    ("start", "offset", "is_today"),
    [
        ("2026-11-03T00:00:00Z", None, True), ("2026-11-01T00:00:00.000Z", 172_800, True), ("2026-11-03T05:30:00+05:30", 0, True),
        (None, 0, True), ("2026-11-01T00:00:00Z", 86_400, False), ("2026-11-01T00:00:00Z", 0, False), ("2026-11-03T00:00:00Z", 2**62, False),
    ],
)  # fmt: skip
def test_of_a_result_over_several_days_the_entry_is_chosen_by_when_it_begins(start: Any, offset: Any, *, is_today: bool):
    other = {**METRICS, "dayStartOffsetSeconds": 3_600, "exceptionCount": 99}
    found = adherence(result(user("ann", other, {**METRICS, "dayStartOffsetSeconds": offset}), startDate=start))
    assert found == ([ROW] if is_today else [])


def test_of_two_units_the_one_with_the_longer_schedule_tells():
    """An agent belongs to one unit at a time; adding both would count a transfer's day twice."""
    short = {**METRICS, "adherenceScheduleSeconds": 3_600, "exceptionCount": 1}
    for results in ((result(user()), result(user("ann", short), unit="mu-2")), (result(user("ann", short), unit="mu-2"), result(user()))):
        assert adherence(*results) == [ROW]
    unknown = {**METRICS, "adherenceScheduleSeconds": None}
    assert adherence(result(user("ann", unknown)), result(user("ann", short), unit="mu-2"))[0]["exception_count"] == 1


@given(st.permutations(["mu-1", "mu-2", "mu-3"]), st.lists(st.sampled_from([None, 0, 7_200]), min_size=3, max_size=3))
def test_whatever_the_order_of_results_one_row_comes_of_them(units: list[str], schedules: list[int | None]):
    """P3: results come in whatever order the job lists them."""
    told = [
        result(user("ann", {**METRICS, "adherenceScheduleSeconds": seconds, "exceptionCount": number}), unit=f"mu-{number}")
        for number, seconds in enumerate(schedules, 1)
    ]
    by_unit = {one["managementUnitId"]: json.dumps(one).encode() for one in told}
    found = agent_adherence.chosen([by_unit[unit] for unit in units], Day(DAY))
    assert found == agent_adherence.chosen([by_unit[unit] for unit in sorted(by_unit)], Day(DAY))
    assert len(found) == 1


def test_a_day_without_results_and_results_without_agents_are_empty():
    assert adherence() == adherence(result()) == adherence(result(userResults=None)) == []


SPOILT: list[tuple[dict[str, Any], str]] = [
    (result(user("ann", {**METRICS, "exceptionCount": "3"})), r"exceptionCount"),
    (result(user("ann", {**METRICS, "impactSeconds": 1.5})), r"impactSeconds"),
    (result(user("ann", {**METRICS, "adherenceScheduleSeconds": 2**63})), r"adherenceScheduleSeconds"),
    (result(user("ann", {**METRICS, "adherencePercentage": "95 %"})), r"adherencePercentage"),
    (result(user(userId=None)), r"userId"),
    (result({"adherencePercentage": 1.0}), r"userId"),
    (result(user(), startDate="2026-11-03"), r"startDate"),
    (result(user(), userResults={"ann": 1}), r"userResults"),
    (result("anna@example.com"), r"userResults"),
]


@pytest.mark.parametrize(("told", "where"), SPOILT)
def test_a_value_of_the_wrong_type_fails_by_name_and_is_never_taken_for_absent(told: dict[str, Any], where: str):
    with pytest.raises(UnexpectedShape, match=where) as caught:
        adherence(told)
    assert "anna" not in str(caught.value)


def test_the_proof_sees_an_agent_nobody_told_of():
    connection = engine()
    hold(connection, genesys_adherence.TABLE, [])
    assert verdicts(TABLE, BODY, connection, [ROW], DAY) == {"no_more_agents_than_were_told": False}
