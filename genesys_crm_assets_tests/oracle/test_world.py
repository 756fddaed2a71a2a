"""The drawn worlds are nasty enough, the same for a seed, and what comes of them obeys the promises."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from .crm import METHODS, RULES
from .values import Row
from .world import World, draw_world, tables

Drawn = tuple[World, dict[str, list[Row]]]

SEEDS = range(30)
REASONS = ("no_case_in_window", "customer_without_case", "unknown_crm_id", "relationship_mismatch", "ambiguous_identity")
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
        for entity in ("case", "account", "contact", "user"):
            met.update({row["change_source"] for row in found[f"dim_salesforce_{entity}"]})
    wanted = {*METHODS, *RULES, *REASONS, *BROKEN, "created", "history", "observed"}
    assert not wanted - met.keys()


def test_every_record_told_is_a_telling_or_set_aside_and_every_interaction_in_one_fact(drawn: list[Drawn]):
    """P1, in the oracle's own tables."""
    for world, found in drawn:
        assert len(world.told) == len(world.tellings) + len(found["quarantine_records"])
        customers, anonymous = found["fact_customer_interactions"], found["fact_anonymous_interactions"]
        assert len(found["interaction_links"]) == len(found["staging_genesys_metrics"]) == len(customers) + len(anonymous)


def test_versions_of_a_record_follow_each_other_without_overlap(drawn: list[Drawn]):
    for _, found in drawn:
        for entity in ("case", "account", "contact", "user"):
            records: dict[str, list[Row]] = {}
            for row in found[f"dim_salesforce_{entity}"]:
                records.setdefault(row[f"{entity}_id"], []).append(row)
            for rows in records.values():
                for earlier, later in pairwise(rows):
                    assert earlier["valid_from"] < earlier["valid_to"] <= later["valid_from"]
                assert sum(row["is_current"] for row in rows) <= 1


def test_the_order_in_which_anything_was_told_does_not_matter(drawn: list[Drawn]):
    """P3: shuffled input, the same tables."""
    for world, found in drawn[:5]:
        rng = random.Random(7)
        parts = ("told", "cases", "accounts", "contacts", "users", "field_history", "history_reads")
        shuffled = {part: tuple(rng.sample(getattr(world, part), k=len(getattr(world, part)))) for part in parts}
        again = tables(replace(world, **shuffled))
        assert {name: sorted(map(repr, rows)) for name, rows in again.items()} == {
            name: sorted(map(repr, rows)) for name, rows in found.items()
        }


def test_a_seed_names_a_world_for_ever():
    assert draw_world(random.Random(11)) == draw_world(random.Random(11))
