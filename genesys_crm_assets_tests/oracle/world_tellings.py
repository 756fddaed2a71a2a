"""On which raw days, by which feed and on which page drawn conversations are told: more than once, late, spoilt, in one instant.

Not here: the conversations themselves (`world_conversations`).
"""

import json
import random
from datetime import date, datetime
from typing import Any

from .values import Row, midnight
from .world_conversations import ConversationDraw
from .world_crm import DAY, MINUTE, CrmDraw


def draw_told(rng: random.Random, crm: CrmDraw, size: int) -> list[Row]:
    """All records told on all raw days, with feed, page, position and times; some conversations more than once, some broken."""
    draw = ConversationDraw(rng, crm)
    by_page: dict[tuple[date, str, int], list[Any]] = {}
    for _ in range(size):
        record = draw.conversation()
        for telling in tellings_of(draw, record):
            feed = "conversation_query" if draw.maybe(0.25) else "conversation_jobs"
            told = telling if feed == "conversation_jobs" else without_attributes(telling)
            by_page.setdefault((raw_day_of(draw, record), feed, rng.randrange(2)), []).append(told)
    return [row for (day, feed, page), records in by_page.items() for row in page_rows(draw, (day, feed, page), records)]


def raw_day_of(draw: ConversationDraw, record: Row) -> date:
    """The day of beginning, or a later one."""
    days = draw.crm.days
    if draw.maybe(0.02):
        return days[0]
    began = date.fromisoformat(record["conversationStart"][:10])
    return draw.rng.choice([day for day in days if day >= began][:3] or days)


def tellings_of(draw: ConversationDraw, record: Row) -> list[Any]:
    """The conversation as told once or more: the same, ended later, with more people, or spoilt."""
    found: list[Any] = []
    for _ in range(draw.rng.choice([1, 1, 2, 3])):
        kind = draw.rng.choice(["same", "same", "same", "more", "more", "spoilt"])
        if kind == "more":
            base = datetime.fromisoformat(record["conversationStart"])
            record = {**record, "participants": [*record["participants"], draw.participant(base)]}
        found.append(draw.broken(record) if kind == "spoilt" else record)
    return found


def without_attributes(record: Any) -> Any:
    """The record as the feed without participant attributes tells it."""
    if not isinstance(record, dict) or not isinstance(record.get("participants"), list):
        return record
    bare = [{key: value for key, value in each.items() if key != "attributes"} for each in record["participants"]]
    return {**record, "participants": bare}


def page_rows(draw: ConversationDraw, page_of: tuple[date, str, int], records: list[Any]) -> list[Row]:
    """One page of a raw day: query pages follow those of the job, and pages are sometimes received in one instant."""
    day, feed, page = page_of
    jobs = feed == "conversation_jobs"
    received = midnight(day) + DAY + draw.rng.choice([-60, 30, 30]) * MINUTE
    horizon = draw.rng.choice([midnight(day) + 20 * 60 * MINUTE, midnight(day) + DAY, midnight(day) + DAY + 60 * MINUTE])
    return [
        {
            "raw_day": day,
            "page": page + (1 if jobs else 3),
            "position": position,
            "feed": feed,
            "received_at": received,
            "data_available_until": horizon if jobs else None,
            "record": json.dumps(record, ensure_ascii=draw.maybe(0.5)),
        }
        for position, record in enumerate(records)
    ]
