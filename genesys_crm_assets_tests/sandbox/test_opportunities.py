"""Opportunities move as deals do, and their field history tells it."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.world import World
from genesys_crm_assets_tests.sandbox.doors import Vendors

BASE = "/services/data/v68.0"
START = date(2026, 1, 5)
WINDOW = clock.crm(clock.midnight(START) // 1000)
AT_NOON = clock.of(datetime(2026, 1, 8, 12, tzinfo=UTC))


def changes(world: World, now: int, field: str):
    return [row for row in world.tables(now)["OpportunityFieldHistory"] if row["Field"] == field]


def small(seed: int = 3):
    """The smallest world that is promised everything."""
    world = World(seed, START, 2, 40)
    world.ensure(clock.midnight(START) + 2 * clock.DAY + clock.DAY // 2)
    return world, clock.midnight(START) + 2 * clock.DAY + clock.DAY // 2


def test_every_account_has_several_over_the_half_year_before_the_window_and_some_begin_inside_it(world: World):
    deals, accounts = world.tables(AT_NOON)["Opportunity"], world._teller._people.accounts
    of = Counter(row["AccountId"] for row in deals)
    assert sum(of[account.id] for account in accounts) / len(accounts) > 2
    assert min(row["CreatedDate"] for row in deals) < "2025-08"
    assert any(row["CreatedDate"] >= WINDOW for row in deals)
    assert {row["StageName"] for row in deals} == {
        "Prospecting",
        "Qualification",
        "Proposal",
        "Negotiation",
        "Closed Won",
        "Closed Lost",
    }


def test_flags_and_probability_follow_the_stage_and_a_closed_deal_closes_on_its_day(world: World):
    rows = world.tables(AT_NOON)["Opportunity"]
    for row in rows:
        assert row["IsClosed"] is row["StageName"].startswith("Closed")
        assert row["IsWon"] is (row["StageName"] == "Closed Won")
        assert row["Probability"] == {"Closed Won": 100.0, "Closed Lost": 0.0}.get(row["StageName"], row["Probability"])
    won = {row["Id"]: row["CloseDate"] for row in rows if row["IsWon"]}
    for row in changes(world, AT_NOON, "StageName"):
        if row["NewValue"] == "Closed Won" and row["OpportunityId"] in won:
            assert won[row["OpportunityId"]] >= row["CreatedDate"][:10]


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_even_the_smallest_world_reopens_moves_deletes_and_undeletes_one_inside_its_window(seed: int):
    world, now = small(seed)
    rows = {row["Id"]: row for row in world.tables(now)["Opportunity"]}
    reopened = [row for row in changes(world, now, "StageName") if row["OldValue"] == "Closed Lost" and row["CreatedDate"] > WINDOW]
    moved = [row for row in changes(world, now, "Account") if row["CreatedDate"] > WINDOW]
    assert reopened
    assert {row["DataType"] for row in moved} == {"Text", "EntityId"}
    assert {rows[row["OpportunityId"]]["AccountId"] for row in moved} & {row["NewValue"] for row in moved}
    seconds = range(clock.midnight(START) // 1000, now // 1000, 1_200)
    life = defaultdict(set)
    for at in seconds:
        for row in world.crm.tables(at)["Opportunity"]:
            life[row["Id"]].add(row["IsDeleted"])
    assert any(states == {True, False} and not rows[deal]["IsDeleted"] for deal, states in life.items())


def test_close_dates_were_not_tracked_until_a_month_before_the_window(world: World):
    told = [row["CreatedDate"] for row in changes(world, AT_NOON, "CloseDate")]
    amounts = [row["CreatedDate"] for row in changes(world, AT_NOON, "Amount")]
    assert min(told) >= "2025-12-06"
    assert min(amounts) < "2025-11"


def test_values_have_the_types_that_rest_tells(world: World):
    [amount, *_] = changes(world, AT_NOON, "Amount")
    [slipped, *_] = changes(world, AT_NOON, "CloseDate")
    assert isinstance(amount["NewValue"], float)
    assert date.fromisoformat(slipped["NewValue"])
    assert Counter(row["DataType"] for row in changes(world, AT_NOON, "Owner"))["Text"] == len(changes(world, AT_NOON, "Owner")) / 2


def test_they_are_described_queried_counted_and_watched_like_any_object(vendors: Vendors):
    described = vendors.salesforce.get(f"{BASE}/sobjects/Opportunity/describe").json()
    fields = {field["name"]: field for field in described["fields"]}
    assert described["keyPrefix"] == "006"
    assert (fields["CloseDate"]["type"], fields["CloseDate"]["soapType"], fields["CloseDate"]["nillable"]) == ("date", "xsd:date", False)
    assert (fields["Probability"]["type"], fields["Probability"]["precision"]) == ("percent", 3)
    every = vendors.soql(f"SELECT {', '.join(fields)} FROM Opportunity", "queryAll")
    assert all(row["Id"].startswith("006") for row in every)
    counted = vendors.salesforce.get(f"{BASE}/queryAll", params={"q": "SELECT COUNT() FROM Opportunity"}).json()["totalSize"]
    assert counted == len(every) > len(vendors.soql("SELECT Id FROM Opportunity"))
    due = vendors.soql("SELECT Id, CloseDate, Account.Name FROM Opportunity WHERE CloseDate >= 2026-01-05 AND CloseDate < 2026-02-01")
    assert {row["Id"] for row in due} == {
        row["Id"] for row in every if "2026-01-05" <= row["CloseDate"] < "2026-02-01" and not row["IsDeleted"]
    }
    span = {"start": "2026-01-05T00:00:00Z", "end": "2026-01-08T00:00:00Z"}
    updated = vendors.salesforce.get(f"{BASE}/sobjects/Opportunity/updated", params=span).json()
    assert updated["latestDateCovered"] == "2026-01-08T00:00:00.000+0000"
    assert updated["ids"]


def test_they_are_never_merged_so_nobody_can_ask_into_which(vendors: Vendors):
    answer = vendors.salesforce.get(f"{BASE}/query", params={"q": "SELECT Id, MasterRecordId FROM Opportunity"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_snapshots_are_another_object_than_field_history(vendors: Vendors):
    asked = "SELECT Id, OpportunityId, Field, OldValue, NewValue, CreatedDate FROM {}"
    assert vendors.soql(asked.format("OpportunityFieldHistory"))
    answer = vendors.salesforce.get(f"{BASE}/query", params={"q": asked.format("OpportunityHistory")})
    assert answer.json()[0]["errorCode"] == "INVALID_TYPE"
