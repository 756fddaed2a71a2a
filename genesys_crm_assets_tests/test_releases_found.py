"""What `docs/releases.md` says of worlds: found or not, how surely it could have been, and what chance lets through."""

import random
from typing import Any

import pytest

from benchmarks import releases
from genesys_crm_assets.marts import proportions
from genesys_crm_assets.sandbox.releases import EXTRA
from genesys_crm_assets.sandbox.stories import ESCALATED

AT = "2026-01-28T22:49:31"


def row(tier: str = "Enterprise", **told: Any) -> dict[str, Any]:
    usual = {
        "release": "2026.02",
        "product": "Billing",
        "released_at": AT,
        "customer_tier": tier,
        "contacts_before": 700,
        "contacts_after": 720,
        "rate_before_pct": 10.0,
        "rate_after_pct": 10.5,
        "difference_points": 0.5,
        "difference_low_points": -2.7,
        "difference_high_points": 3.6,
        "p_adjusted": 1.0,
        "is_significant": False,
        "bot_only": 0.05,
    }
    return usual | told


HIT = row(
    rate_after_pct=23.1,
    difference_points=13.1,
    difference_low_points=9.3,
    difference_high_points=16.8,
    p_adjusted=1e-9,
    is_significant=True,
)


def world(*rows: dict[str, Any], seed: int = 1) -> releases.World:
    return releases.World(seed, rows, release="2026.02", product="Billing", released_at=AT, tier="Enterprise")


def test_the_pair_is_known_by_release_product_moment_and_tier():
    found = world(row("Mid-Market"), row(product="Portal"), row(released_at="2026-01-13T19:06:17"), HIT)
    assert found.planted == HIT
    assert len(found.others) == 3
    assert found.is_found
    assert releases.broken([found]) == []


@pytest.mark.parametrize("rows", [(), (row(),), (row(is_significant=True, difference_points=-9.0),)])
def test_no_row_no_significance_and_the_wrong_direction_are_not_found(rows: tuple[dict[str, Any], ...]):
    assert not world(*rows).is_found
    assert releases.broken([world(*rows)]) == ["seed 1: 2026.02 for Enterprise is not named"]
    assert "Named in 0 of 1 worlds" in releases.written([world(*rows)], 40, 1000)


def test_one_in_twenty_of_the_others_may_be_significant_and_no_more():
    plain, chance = [row("Mid-Market")] * 19, row("Mid-Market", is_significant=True, p_adjusted=0.04)
    assert releases.broken([world(HIT, *plain, chance)]) == []
    assert releases.broken([world(HIT, *plain[1:], chance)]) == ["1 of 19 other pairs are significant"]
    page = releases.written([world(HIT, *plain, chance)], 40, 1000)
    assert "**1** are significant; one in twenty would be 1" in page
    assert "in 0 of them alone" in page


def test_a_world_too_small_to_show_the_effect_is_called_so():
    few = HIT | {"contacts_before": 100, "contacts_after": 100}
    assert releases.power(few, "Enterprise") < 0.6
    assert releases.broken([world(few)]) == ["seed 1: too few contacts to show the effect; raise --per-day"]


def test_power_is_how_often_the_planted_effect_is_found():
    """A thousand pairs of weeks drawn by chance, each tested as Holm's first step does."""
    drawn, tried, shown = random.Random(3), 1_000, row(contacts_before=250, contacts_after=250)
    before, after = (rate * 0.95 for rate in (ESCALATED["Enterprise"], ESCALATED["Enterprise"] + EXTRA))
    hits = 0
    for _ in range(tried):
        weeks = [proportions.Share(sum(drawn.random() < rate for _ in range(250)), 250) for rate in (before, after)]
        p_value = proportions.difference(*weeks).p_value
        hits += p_value is not None and p_value < 0.05 / 3
    assert hits / tried == pytest.approx(releases.power(shown, "Enterprise"), abs=0.04)


def test_chance_is_the_binomial_tail():
    assert releases.by_chance(0, 80) == pytest.approx(1)
    assert releases.by_chance(1, 80) == pytest.approx(1 - 0.95**80)
    assert releases.by_chance(80, 80) == pytest.approx(0.05**80)
