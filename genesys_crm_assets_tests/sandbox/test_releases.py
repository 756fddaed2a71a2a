"""One release makes customers of one tier escalate; the others do nothing."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.people import settle
from genesys_crm_assets.sandbox.records import Crm
from genesys_crm_assets.sandbox.releases import PRODUCTS, TIERS, Train
from genesys_crm_assets.sandbox.world import World
from genesys_crm_assets_tests.sandbox.doors import Vendors

START = date(2026, 1, 5)
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
BASE = "/services/data/v68.0"


def drawn(seed: int, days: int, per_day: int = 40):
    world = World(seed, START, days, per_day)
    world.ensure(clock.midnight(START) + days * clock.DAY + clock.DAY // 2)
    return world


def listed(world: World, days: int, *, deleted: bool = False):
    now = clock.midnight(START) + days * clock.DAY
    return [row for row in world.tables(now)["Release__c"] if deleted or not row["IsDeleted"]]


def rates(world: World, *, since: datetime, until: datetime):
    """Escalated and all conversations by tier, as anybody can count them who knows whose they were."""
    now = clock.of(until)
    tables = world.tables(now)
    tiers = {row["Id"]: row["Account_Tier__c"] for row in tables["Account"]}
    homes = {row["Id"]: row["AccountId"] for row in tables["Contact"]}
    found, every = Counter(), Counter()
    for conversation_id, truth in world.truth(now).items():
        conversation = world.by_id[conversation_id]
        if truth.contact_id and clock.of(since) <= conversation.start < now:
            tier = tiers[homes[truth.contact_id]]
            told = msgspec.json.decode(conversation.told)["participants"]
            every[tier] += 1
            found[tier] += any(one.get("attributes", {}).get("escalated", "").lower() == "true" for one in told)
    return {tier: found[tier] / every[tier] for tier in TIERS}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_tier_that_is_hit_escalates_fourteen_points_oftener_for_good_and_no_other(seed: int):
    world = drawn(seed, 16, 300)
    effect = world.effect()
    before = rates(world, since=BEGIN, until=effect.released_at)
    after = rates(world, since=effect.released_at, until=BEGIN + timedelta(days=16))
    for tier in TIERS:
        expected = 0.14 if tier == effect.tier else 0.0
        assert after[tier] - before[tier] == pytest.approx(expected, abs=0.06), tier


@pytest.mark.parametrize("days", [1, 2, 7, 15])
def test_a_short_world_lists_one_release_in_its_middle_and_it_has_the_effect(days: int):
    world = World(5, START, days, 40)
    effect, [row] = world.effect(), listed(world, days)
    assert abs(effect.released_at - BEGIN - timedelta(days=days) / 2) < timedelta(hours=5)
    assert (row["Name"], row["Product__c"]) == (effect.release, effect.product)
    assert row["Released_At__c"] == clock.crm(int(effect.released_at.timestamp()))
    assert effect.released_at.minute


@pytest.mark.parametrize("days", [16, 40, 100])
def test_a_longer_world_lists_one_every_fifteen_days_of_which_one_with_whole_weeks_around_it_has_the_effect(days: int):
    world = World(5, START, days, 40)
    times = sorted({clock.parse(row["Released_At__c"]) // 1000 for row in listed(world, days + 30)})
    gaps = [(later - earlier) / 86_400 for earlier, later in pairwise(times)]
    assert all(14 <= gap <= 16 for gap in gaps)
    assert 8 <= (times[0] - BEGIN.timestamp()) / 86_400 < 10
    effect = world.effect()
    assert BEGIN + timedelta(days=7) <= effect.released_at <= BEGIN + timedelta(days=days - 7)


def test_releases_are_listed_twice_for_two_products_and_one_was_withdrawn_inside_the_window():
    world = World(5, START, 60, 40)
    names = defaultdict(set)
    for row in listed(world, 60):
        names[row["Name"]].add(row["Product__c"])
    assert {len(products) for products in names.values()} == {1, 2}
    assert set().union(*names.values()) <= set(PRODUCTS)
    [withdrawn] = [row for row in listed(world, 60, deleted=True) if row["IsDeleted"]]
    assert "2026-01-05" < withdrawn["SystemModstamp"] < withdrawn["Released_At__c"]
    assert len(names[world.effect().release]) == 1


def test_release_and_tier_are_the_seeds_choice():
    begin = clock.midnight(START)
    effects = [Train(settle(Crm(), seed, 900, begin), seed, begin // 1000, 60).effect() for seed in range(12)]
    assert {effect.tier for effect in effects} == set(TIERS)
    assert len({effect.release for effect in effects}) == 3


def test_the_customers_who_are_hit_are_not_a_handful():
    """An effect on a tier that hardly calls could not be seen by anybody."""
    for seed in range(10):
        world = World(seed, START, 16, 40)
        at = int(world.effect().released_at.timestamp())
        contacts = world._teller._people.contacts
        assert sum(contact.tier_at(at) == world.effect().tier for contact in contacts) >= 0.3 * len(contacts)


def test_the_custom_object_is_told_as_its_fields_are_mapped(vendors: Vendors):
    rows = vendors.soql("SELECT Id, Name, Product__c, Released_At__c FROM Release__c ORDER BY Released_At__c")
    effect = vendors.sandbox.effect()
    assert [(row["Name"], row["Product__c"]) for row in rows] == [(effect.release, effect.product)]
    assert rows[0]["Id"].startswith("a0R")
    described = vendors.salesforce.get(f"{BASE}/sobjects/Release__c/describe").json()
    assert described["custom"]
    assert {field["name"] for field in described["fields"]} >= {"Name", "Product__c", "Released_At__c", "IsDeleted"}
