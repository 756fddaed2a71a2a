"""The drawn worlds are nasty enough, the same for a seed, and what comes of them obeys the promises."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from .crm import METHODS, RULES
from .unified import valid_at
from .values import Row
from .world import World, draw_world, tables

Drawn = tuple[World, dict[str, list[Row]]]

SEEDS = range(30)
VERSIONED = ("case", "account", "contact", "opportunity", "user")
REASONS = ("no_case_in_window", "customer_without_case", "unknown_crm_id", "relationship_mismatch", "ambiguous_identity")
GENESYS_WANTED = {
    *("observed", "back", "twice in a day", "merged", "forgotten", "named", "linked by name", "reopened", "worth another amount"),
    *("opportunities counted", "sessions with a version", "compared", "served", "adhered"),
}
BROKEN = (
    "not_an_object",
    "missing_id",
    "missing_start",
    "missing_participants",
    "wrong_type",
    "end_before_start",
    "starts_after_day",
)


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    """A few worlds with everything that comes of them."""
    some = [draw_world(random.Random(seed)) for seed in SEEDS]
    return [(world, tables(world)) for world in some]


def test_the_worlds_meet_every_method_rule_and_reason(drawn: list[Drawn]):
    """A rule that no world meets would agree with any code."""
    met: Counter[str | None] = Counter()
    for _, found in drawn:
        for link in found["interaction_links"]:
            met.update({link["link_method"], link["case_match_rule"], link["blind_case_match_rule"]})
            met.update({reason["reason"] for reason in link["reasons"]})
        met.update({row["reason"] for row in found["quarantine_records"]})
        for entity in VERSIONED:
            met.update({row["change_source"] for row in found[f"dim_salesforce_{entity}"]})
    wanted = {*METHODS, *RULES, *REASONS, *BROKEN, "created", "history", "observed"}
    assert not wanted - met.keys()


def test_the_worlds_meet_what_genesys_can_do_to_names_and_identities(drawn: list[Drawn]):
    """Likewise: renamed twice in a day, vanished and back, merged, forgotten, of another org, worth another amount, reopened."""
    met: Counter[str] = Counter()
    for _, found in drawn:
        for rows in (found["dim_genesys_queue"], found["dim_genesys_agent"]):
            for earlier, later in pairwise(rows):
                if later["change_source"] == "observed":
                    met["back" if later["is_active"] and not earlier["is_active"] else "observed"] += 1
                    met["twice in a day"] += earlier["valid_from"].date() == later["valid_from"].date() and earlier["name"] != later["name"]
        for row in found["staging_genesys_external_contacts"]:
            met["merged"] += row["canonical_id"] != row["external_contact_id"]
            met["forgotten"] += row["is_deleted"]
            met["named"] += row["crm_contact_id"] is not None
        for link in found["interaction_links"]:
            by_name = link["external_contact_id"] is not None and not link["external_contact_id"].startswith("003")
            met["linked by name"] += by_name and link["link_method"] == "external_contact"
        for earlier, later in pairwise(found["dim_salesforce_opportunity"]):
            same = earlier["opportunity_id"] == later["opportunity_id"]
            met["reopened"] += same and earlier["stage_name"].startswith("Closed") and not later["stage_name"].startswith("Closed")
            met["worth another amount"] += same and earlier["amount"] != later["amount"]
        met["opportunities counted"] += any(row["open_opportunity_count"] for row in found["unified_interactions"])
        met["sessions with a version"] += any(row["queue_version_key"] for row in found["fact_sessions"])
        met["compared"] += any(row["p_value"] is not None for row in found["escalation_by_release"])
        met["served"] += any(row["service_level"] is not None for row in found["queue_performance"])
        met["adhered"] += bool(found["fact_agent_adherence"])
    assert not GENESYS_WANTED - {what for what, times in met.items() if times}


def test_replayed_at_an_observation_the_versions_give_the_listing_back(drawn: list[Drawn]):
    """Whatever was listed then is active then, by that name; nothing else is."""
    for world, found in drawn:
        for listing, entity in (("queues", "queue"), ("users", "agent")):
            for each in (each for each in world.listings if each["listing"] == listing):
                then = [row for row in found[f"dim_genesys_{entity}"] if valid_at(row, each["observed_at"]) and row["is_active"]]
                known = {
                    thing["id"] for other in world.listings if other["observed_at"] <= each["observed_at"] for thing in other["entities"]
                }
                listed = [(thing["id"], thing["name"]) for thing in each["entities"] if thing.get("state", "active") == "active"]
                assert sorted((row[f"{entity}_id"], row["name"]) for row in then if row[f"{entity}_id"] in known) == sorted(listed)


def test_what_the_marts_count_adds_up(drawn: list[Drawn]):
    for world, found in drawn:
        interactions = len(found["staging_genesys_metrics"])
        assert sum(row["interactions"] for row in found["interaction_volume"]) == interactions
        until_final = [row for row in found["fact_customer_interactions"] if row["day_utc"] <= max(world.final_days)]
        assert sum(row["contacts"] for row in found["customer_outcomes"]) == len(until_final)
        assert len(found["unified_interactions"]) == interactions
        assert len({tuple(sorted(row)) for row in found["unified_interactions"]}) == 1
        assert len(found["fact_sessions"]) == len(found["staging_genesys_sessions"])


def test_every_record_told_is_a_telling_or_set_aside_and_every_interaction_in_one_fact(drawn: list[Drawn]):
    """P1, in the oracle's own tables."""
    for world, found in drawn:
        assert len(world.told) == len(world.tellings) + len(found["quarantine_records"])
        customers, anonymous = found["fact_customer_interactions"], found["fact_anonymous_interactions"]
        assert len(found["interaction_links"]) == len(found["staging_genesys_metrics"]) == len(customers) + len(anonymous)


def test_versions_of_a_record_follow_each_other_without_overlap(drawn: list[Drawn]):
    for _, found in drawn:
        for table in (*(f"dim_salesforce_{entity}" for entity in VERSIONED), "dim_genesys_queue", "dim_genesys_agent"):
            records: dict[str, list[Row]] = {}
            for row in found[table]:
                records.setdefault(row[f"{table.rsplit('_', 1)[1]}_id"], []).append(row)
            for rows in records.values():
                for earlier, later in pairwise(rows):
                    assert earlier["valid_from"] < earlier["valid_to"] <= later["valid_from"]
                assert sum(row["is_current"] for row in rows) <= 1


def test_the_order_in_which_anything_was_told_does_not_matter(drawn: list[Drawn]):
    """P3: shuffled input, the same tables."""
    for world, found in drawn[:5]:
        rng = random.Random(7)
        parts = ("told", "cases", "accounts", "contacts", "users", "opportunities", "field_history", "history_reads")
        parts += ("listings", "external_contacts", "adherence", "release_lists")
        shuffled = {part: tuple(rng.sample(getattr(world, part), k=len(getattr(world, part)))) for part in parts}
        again = tables(replace(world, **shuffled))
        assert {name: sorted(map(repr, rows)) for name, rows in again.items()} == {
            name: sorted(map(repr, rows)) for name, rows in found.items()
        }


def test_a_seed_names_a_world_for_ever():
    assert draw_world(random.Random(11)) == draw_world(random.Random(11))
