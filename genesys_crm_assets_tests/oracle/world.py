"""Small nasty worlds and all their tables: `draw_world` from a seed, `worlds` for hypothesis, `tables` for what must come of one.

Not here: the drawing of either vendor (the other `world_…` modules), what comes of a world table by table (the modules of the rules), and
any comparison with the product.
"""

import json
import random
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from .activity import queue_activity
from .adherence import fact_adherence
from .audit import escalation_by_tier
from .contacts import names_for, staging_external_contacts
from .conversations import Words, winner
from .crm import RULES, Settings
from .facts import Versions, facts
from .history import dimension
from .linking import links
from .marts import agent_performance, bot_containment_by_industry, interaction_volume, queue_performance
from .outcomes import customer_outcomes
from .reference import LISTED, reference_dimensions, staging_reference
from .releases import dim_product_release, escalation_by_release
from .sessions import fact_sessions, staging_sessions
from .shape import examine
from .unified import unified, versioned
from .values import Row, instant, sha256
from .world_crm import DAY, NUMBERS, CrmDraw
from .world_genesys import draw_adherence, draw_external_contacts, draw_listings, draw_release_lists
from .world_opportunities import draw_opportunities
from .world_records import draw_crm
from .world_tellings import draw_told

START = date(2026, 1, 5)


@dataclass(frozen=True)
class World:
    """Everything both vendors told, and how we were set; typed tellings have the columns of the staging tables.

    `told` are all records of all raw days, broken ones too; `history_reads` name a day, or None for the baseline (the first day's partition).
    `listings` are observations (`reference`), `external_contacts` answers (`contacts`), `adherence` downloaded results, `release_lists`
    lists as observed; `final_days` are the days to be taken as final, which nothing here derives.
    """

    days: tuple[date, ...]
    told: tuple[Row, ...]
    cases: tuple[Row, ...]
    accounts: tuple[Row, ...]
    contacts: tuple[Row, ...]
    users: tuple[Row, ...]
    field_history: tuple[Row, ...]
    history_reads: tuple[Row, ...]
    settings: Settings
    words: Words
    opportunities: tuple[Row, ...] = ()
    listings: tuple[Row, ...] = ()
    external_contacts: tuple[Row, ...] = ()
    adherence: tuple[Row, ...] = ()
    release_lists: tuple[Row, ...] = ()
    final_days: tuple[date, ...] = ()

    @property
    def tellings(self) -> list[Row]:
        """The rows of `staging_genesys_tellings`, with their raw day."""
        return [staged(each) for each in self.told if examine(each["record"].encode(), each["raw_day"]) is None]

    @property
    def quarantined(self) -> list[Row]:
        """The rows of `quarantine_records`, with their raw day, without words for people."""
        found = []
        for each in self.told:
            reason = examine(each["record"].encode(), each["raw_day"])
            if reason is not None:
                record = {name: each[name] for name in ("raw_day", "page", "position", "record")}
                own = {"conversation_id": conversation_id(each["record"]), "record_sha256": sha256(each["record"])}
                found.append({**record, **own, "reason": reason})
        return found


def conversation_id(record: str) -> str | None:
    """The conversation a broken record is of, as far as it tells."""
    told = json.loads(record)
    named = told.get("conversationId") if isinstance(told, dict) else None
    return named if isinstance(named, str) else None


def staged(telling: Row) -> Row:
    """A told record that can be staged, with what its record says of itself."""
    record = json.loads(telling["record"])
    start = instant(record["conversationStart"])
    assert start is not None
    own = {"conversation_id": record["conversationId"], "start_day": start.date(), "record_sha256": sha256(telling["record"])}
    return {**telling, **own}


def draw_settings(rng: random.Random, days: list[date]) -> Settings:
    """Settings as an org may have them; `case_attribute` always links, since without it the design does not say what is a mismatch."""
    left_out = rng.choice([None, None, None, *RULES[1:]])
    return Settings(
        match_tolerance_minutes=rng.choice([15, 15, 5]),
        match_lookback_hours=rng.choice([48, 48, 24]),
        match_window_hours=rng.choice([24, 3]),
        high_latency_periods=((days[1], days[2]),) if rng.random() < 0.3 else (),
        match_rules=tuple(rule for rule in RULES if rule != left_out),
        own_numbers=(NUMBERS[0],) if rng.random() < 0.3 else (),
    )


def draw_world(rng: random.Random, size: int = 20) -> World:
    """A world of four days and about that many conversations; the same generator state gives the same world."""
    days = [START + index * DAY for index in range(4)]
    crm = draw_crm(rng, days, size)
    told, settings = draw_told(rng, crm, size), draw_settings(rng, days)
    rest = draw_rest(rng, crm, told, size)
    return World(
        days=tuple(days),
        told=tuple(told),
        cases=tuple(crm.tellings["Case"]),
        accounts=tuple(crm.tellings["Account"]),
        contacts=tuple(crm.tellings["Contact"]),
        users=tuple(crm.tellings["User"]),
        field_history=tuple(crm.history),
        history_reads=tuple(crm.reads),
        settings=settings,
        words=Words(),
        opportunities=tuple(crm.tellings["Opportunity"]),
        final_days=tuple(days[:-1]),
        **rest,
    )


def draw_rest(rng: random.Random, crm: CrmDraw, told: list[Row], size: int) -> dict[str, tuple[Row, ...]]:
    """What is drawn after conversations and their CRM, so that neither depends on it; opportunities go into the CRM itself."""
    draw_opportunities(crm, max(3, size // 2))
    return {
        "listings": tuple(draw_listings(rng, crm.days)),
        "external_contacts": tuple(draw_external_contacts(rng, crm, told)),
        "adherence": tuple(draw_adherence(rng, crm.days)),
        "release_lists": tuple(draw_release_lists(rng, crm.days)),
    }


def worlds(max_size: int = 20) -> st.SearchStrategy[World]:
    """Worlds by seed and size, for property tests."""
    return st.builds(lambda seed, size: draw_world(random.Random(seed), size), st.integers(0, 2**32 - 1), st.integers(1, max_size))


def dimensions(world: World) -> dict[str, list[Row]]:
    """The five CRM dimensions and the six of listed things, by entity."""
    told = {
        "case": world.cases,
        "account": world.accounts,
        "contact": world.contacts,
        "opportunity": world.opportunities,
        "user": world.users,
    }
    history, reads = list(world.field_history), list(world.history_reads)
    crm = {entity: dimension(entity.capitalize(), list(some), history, reads) for entity, some in told.items()}
    return {**crm, **reference_dimensions(list(world.listings), world.days[0])}


def tables(world: World) -> dict[str, list[Row]]:
    """Every table that §6 makes of the world, over the staged days from the first on; provenance columns left out."""
    metrics = [row for row in winner(world.tellings, world.words) if row["conversation_start"].date() >= world.days[0]]
    sessions = staging_sessions(world.tellings, world.days[0])
    answers = staging_external_contacts(list(world.external_contacts), world.tellings)
    by_entity = dimensions(world)
    versions = Versions(versioned(by_entity))
    linked = linked_by_day(world, metrics, answers, by_entity)
    found = facts(metrics, linked, by_entity)
    activity = [{"day_utc": day, **row} for day in world.days for row in queue_activity(world.tellings, day)]
    return {
        "quarantine_records": world.quarantined,
        "staging_genesys_metrics": metrics,
        "staging_genesys_sessions": sessions,
        "staging_genesys_external_contacts": answers,
        "staging_genesys_reference": staging_reference(list(world.listings)),
        "fact_queue_activity": activity,
        **{f"dim_{'genesys' if entity in LISTED else 'salesforce'}_{entity}": rows for entity, rows in by_entity.items()},
        "dim_product_release": dim_product_release(list(world.release_lists)),
        "interaction_links": linked,
        **found,
        "fact_sessions": fact_sessions(sessions, metrics, versions),
        "fact_agent_adherence": fact_adherence(list(world.adherence)),
        **marts(world, found, linked, by_entity, activity),
    }


def linked_by_day(world: World, metrics: list[Row], answers: list[Row], by_entity: dict[str, list[Row]]) -> list[Row]:
    """All rows of `interaction_links`; what external contacts name may differ from one day of beginning to the next."""
    found = []
    for day in sorted({row["conversation_start"].date() for row in metrics}):
        mine = [row for row in metrics if row["conversation_start"].date() == day]
        named = names_for(day, answers, list(world.external_contacts))
        found += links(mine, by_entity, list(world.field_history), world.settings, named)
    return found


def marts(
    world: World,
    found: dict[str, list[Row]],
    linked: list[Row],
    by_entity: dict[str, list[Row]],
    activity: list[Row],
) -> dict[str, list[Row]]:
    """The marts, from facts, dimensions and the days taken as final; without a final day those that look back from it are empty."""
    customers = found["fact_customer_interactions"]
    everything = customers + found["fact_anonymous_interactions"]
    versions = Versions(versioned(by_entity))
    beside = unified(everything, linked, by_entity, world.settings)
    # Escalations by tier are of customers only, and carry what their customer is worth now.
    valued = [row for row in beside if row["link_method"] is not None]
    return {
        "unified_interactions": beside,
        "queue_performance": queue_performance(activity, versions),
        "agent_performance": agent_performance(activity, versions),
        "escalation_by_tier": escalation_by_tier(valued, max(world.final_days)) if world.final_days else [],
        "escalation_by_release": escalation_by_release(beside, dim_product_release(list(world.release_lists)), world.final_days),
        "bot_containment_by_industry": bot_containment_by_industry(customers, world.final_days),
        "interaction_volume": interaction_volume(everything),
        "customer_outcomes": customer_outcomes(customers, by_entity, world.settings, (world.days[0], world.final_days)),
    }
