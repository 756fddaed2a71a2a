"""Small nasty worlds and all their tables: `draw_world` from a seed, `worlds` for hypothesis, `tables` for what must come of one.

Not here: the drawing of either vendor (`world_crm`, `world_conversations`), and any comparison with the product.
"""

import json
import random
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from .activity import queue_activity
from .conversations import Words, winner
from .crm import RULES, Settings
from .facts import facts
from .history import dimension
from .linking import links
from .shape import examine
from .values import Row, instant, sha256
from .world_conversations import draw_told
from .world_crm import DAY, NUMBERS, draw_crm

START = date(2026, 1, 5)


@dataclass(frozen=True)
class World:
    """Everything both vendors told, and how we were set; typed tellings have the columns of the staging tables.

    `told` are all records of all raw days, broken ones too; `history_reads` name a day, or None for the baseline (the first day's partition).
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
    return World(
        days=tuple(days),
        told=tuple(draw_told(rng, crm, size)),
        cases=tuple(crm.tellings["Case"]),
        accounts=tuple(crm.tellings["Account"]),
        contacts=tuple(crm.tellings["Contact"]),
        users=tuple(crm.tellings["User"]),
        field_history=tuple(crm.history),
        history_reads=tuple(crm.reads),
        settings=draw_settings(rng, days),
        words=Words(),
    )


def worlds(max_size: int = 20) -> st.SearchStrategy[World]:
    """Worlds by seed and size, for property tests."""
    return st.builds(lambda seed, size: draw_world(random.Random(seed), size), st.integers(0, 2**32 - 1), st.integers(1, max_size))


def dimensions(world: World) -> dict[str, list[Row]]:
    """The four CRM dimensions by entity."""
    told = {"case": world.cases, "account": world.accounts, "contact": world.contacts, "user": world.users}
    history, reads = list(world.field_history), list(world.history_reads)
    return {entity: dimension(entity.capitalize(), list(some), history, reads) for entity, some in told.items()}


def tables(world: World) -> dict[str, list[Row]]:
    """Every table that §6.1 to §6.5 and §6.7 make of the world, over the staged days from the first on; provenance columns left out."""
    metrics = [row for row in winner(world.tellings, world.words) if row["conversation_start"].date() >= world.days[0]]
    by_entity = dimensions(world)
    linked = links(metrics, by_entity, list(world.field_history), world.settings)
    return {
        "quarantine_records": world.quarantined,
        "staging_genesys_metrics": metrics,
        "fact_queue_activity": [{"day_utc": day, **row} for day in world.days for row in queue_activity(world.tellings, day)],
        **{f"dim_salesforce_{entity}": rows for entity, rows in by_entity.items()},
        "interaction_links": linked,
        **facts(metrics, linked, by_entity),
    }
