"""What Genesys tells beside conversations: listings over time, external contacts day by day, adherence; and a list of releases.

Renames twice in a day, things that vanish and return, observations that say nothing new; merges in chains and circles, contacts that
expire, ids of another org; agents in two units. Not here: what should be made of them.
"""

import json
import random
from datetime import date, datetime, timedelta
from typing import Any

from .values import MILLISECOND, Row, iso, midnight, salesforce_id
from .world_conversations import CODES, EXTERNALS, QUEUES, SKILLS, TEAMS, USERS
from .world_crm import DAY, MINUTE, CrmDraw

WORDS = ["Billing", "Zoë & Söhne", "Support", "billing"]
DIVISIONS = ["Home", "Abroad"]
UNLISTED = {"queues": "q-x", "users": "u-x", "wrapup_codes": "w-x", "skills": "k-x", "teams": "t-x", "locations": "l-x"}
USED = {"queues": QUEUES, "users": USERS, "wrapup_codes": CODES, "skills": SKILLS, "teams": TEAMS, "locations": ["l-1", "l-2"]}


class ListingDraw:
    """Draws a listing again and again, each time a little different."""

    def __init__(self, rng: random.Random, listing: str) -> None:
        self.rng = rng
        self.listing = listing
        self.things: dict[str, Row] = {thing: self.thing(thing) for thing in USED[listing] if rng.random() < 0.9}

    def thing(self, thing: str) -> Row:
        """A thing as listed; users have a state and an address, and a team and places where they have any."""
        found: Row = {"id": thing, "name": f"{self.rng.choice(WORDS)} {thing}", "memberCount": self.rng.randrange(3)}
        if self.listing in ("queues", "users", "wrapup_codes"):
            found["division"] = {"id": "d-1", "name": self.rng.choice(DIVISIONS)}
        if self.listing == "users":
            found |= {"state": self.rng.choice(["active", "active", "inactive", "deleted"]), "email": f"{thing}@example.com"}
            if self.rng.random() < 0.7:
                found["team"] = {"id": self.rng.choice(TEAMS), "name": "Team"}
            places = self.rng.sample(USED["locations"], k=self.rng.randrange(3))
            found["locations"] = [{"id": f"user-{place}", "locationDefinition": {"id": place, "name": place}} for place in places]
        return found

    def step(self) -> None:
        """Rename, move, retire, bring back, or only count members anew."""
        thing = self.rng.choice([*USED[self.listing], UNLISTED[self.listing]])
        fate = self.rng.choice(["same", "anew", "anew", "gone", "count", "empty_division"])
        if fate == "gone" and thing in self.things and len(self.things) > 1:
            del self.things[thing]
        elif fate == "anew" or thing not in self.things:
            self.things[thing] = self.thing(thing)
        elif fate == "count":
            self.things[thing] = {**self.things[thing], "memberCount": self.rng.randrange(9)}
        elif fate == "empty_division":
            self.things[thing] = {name: value for name, value in self.things[thing].items() if name != "division"}

    def observed(self, moment: datetime) -> Row:
        """The whole listing, sorted by name as the vendor sorts it."""
        entities = sorted(self.things.values(), key=lambda each: (each["name"], each["id"]))
        return {"listing": self.listing, "observed_at": moment, "entities": json.loads(json.dumps(entities))}


def draw_listings(rng: random.Random, days: list[date]) -> list[Row]:
    """Observations of every listing, none of them empty: several a day, one or none on some days."""
    found = []
    for listing in USED:
        draw = ListingDraw(rng, listing)
        draw.things = draw.things or {USED[listing][0]: draw.thing(USED[listing][0])}
        for day in days:
            moments = sorted(rng.sample(range(1, 24 * 60), k=rng.choice([0, 1, 2, 3])))
            for minute in moments:
                for _ in range(rng.choice([0, 1, 1, 3])):
                    draw.step()
                found.append(draw.observed(midnight(day) + minute * MINUTE + rng.randrange(1000) * MILLISECOND))
    return found


def met_on(told: list[Row], day: date) -> list[str]:
    """The external contacts of a raw day's customers, as far as its records can be read, but those that are Contact ids themselves."""
    found = set()
    for each in told:
        record = json.loads(each["record"])
        participants = record.get("participants") if isinstance(record, dict) and each["raw_day"] == day else None
        for participant in participants if isinstance(participants, list) else []:
            contact = participant.get("externalContactId")
            if isinstance(contact, str) and salesforce_id(contact, "003") is None:
                found.add(contact)
    return sorted(found)


def draw_contact(rng: random.Random, crm: CrmDraw, contact: str) -> Row:
    """A contact as told in bulk, and what only a single GET would tell (`externalDataSources`)."""
    anyone = rng.choice(crm.tellings["Contact"])["contact_id"]
    named = rng.choice([anyone, anyone, anyone[:15], crm.new_id("003"), rng.choice(crm.tellings["Account"])["account_id"], f" {anyone}"])
    pages = [
        f"https://acme.lightning.force.com/lightning/r/Contact/{named.strip()}/view",
        f"https://acme.my.salesforce.com/{named.strip()}?nooverride=1",
        "https://acme.example.com/people",
    ]
    found: Row = {"id": contact, "type": "Curated", "lastName": "Zoë"}
    for way in rng.sample(["ids", "url", "sources", "two", "none"], k=rng.choice([1, 1, 2])):
        if way == "ids":
            found["externalIds"] = [{"externalSource": {"id": "x-1", "name": "CRM"}, "value": named}]
        elif way == "two":
            found["externalIds"] = [{"value": "customer-7"}, {"value": None}, {"value": anyone}, {"value": crm.new_id("003")}]
        elif way == "url":
            found["externalSystemUrl"] = rng.choice(pages)
        elif way == "sources":
            found["externalDataSources"] = [{"platform": "OTHER", "url": pages[0]}, {"platform": "SALESFORCE", "url": rng.choice(pages)}]
    return found


def draw_merges(rng: random.Random, contacts: dict[str, Row]) -> None:
    """A chain, a circle, a merge told by `mergedTo` alone, a head that names itself, one into a contact nobody knows."""
    ids = rng.sample(EXTERNALS, k=9)
    pairs = [(ids[0], ids[1]), (ids[1], ids[2]), (ids[3], ids[4]), (ids[4], ids[3]), (ids[5], ids[4]), (ids[2], ids[2])]
    pairs += [(ids[7], "8c3f0c1e-0000-4000-8000-00000000dead"), (ids[8], ids[2])]
    for loser, head in pairs:
        if rng.random() < 0.8:
            contacts[loser]["canonicalContact" if rng.random() < 0.8 else "mergedTo"] = {"id": head}


def answer(rng: random.Random, day: date, entity: Row, **known: Any) -> Row:
    """What Genesys said of a contact when asked for a day: sometimes that it knows it no more; `received_at` when the day was read."""
    gone = rng.random() < 0.08 or entity.get("gone", False)
    single = {name: value for name, value in entity.items() if name != "gone"}
    bulk = {name: value for name, value in single.items() if name != "externalDataSources"}
    asked = known.pop("expand") and not gone
    own = {"raw_day": day, "external_contact_id": entity["id"], "deleted": gone}
    return {**own, **known, "entity": None if gone else bulk, "expanded": single if asked else None}


def names_itself(entity: Row) -> bool:
    """Has the contact external ids, well or badly told? Its own address goes after what a single GET tells."""
    return "externalIds" in entity


def draw_external_contacts(rng: random.Random, crm: CrmDraw, told: list[Row]) -> list[Row]:
    """The answers of every raw day: of the contacts met, then of those they were merged into, until none is new."""
    contacts = {contact: draw_contact(rng, crm, contact) for contact in EXTERNALS}
    draw_merges(rng, contacts)
    expanding, expanded, found = rng.random() < 0.5, set(), []
    for day in crm.days:
        received = midnight(day) + rng.choice([1, 1, 1, 5]) * DAY + 40 * MINUTE
        waiting = [(contact, True) for contact in met_on(told, day)]
        asked = {contact for contact, _ in waiting}
        while waiting:
            contact, met = waiting.pop(0)
            entity = contacts.get(contact, {"id": contact, "gone": True})
            expand = expanding and contact not in expanded and not names_itself(entity)
            found.append(answer(rng, day, entity, met=met, expand=expand, received_at=received))
            if found[-1]["expanded"] is not None:
                expanded.add(contact)
            into = None if found[-1]["deleted"] else (entity.get("canonicalContact") or entity.get("mergedTo") or {}).get("id")
            if into is not None and into not in asked:
                asked.add(into)
                waiting.append((into, False))
        for contact in sorted(contacts):
            if rng.random() < 0.05:
                merged = {name: value for name, value in contacts[contact].items() if name in ("canonicalContact", "mergedTo")}
                contacts[contact] = {**draw_contact(rng, crm, contact), **merged}
    return found


def draw_adherence(rng: random.Random, days: list[date]) -> list[Row]:
    """Per day up to two units' results, some of them over two days; an agent may stand in both, and percentages may be the user's alone."""
    found = []
    for day in days:
        for unit in ("mu-1", "mu-2"):
            begin = day - rng.choice([0, 0, 1]) * DAY
            users = [user_result(rng, user, unit, begin, day) for user in USERS if rng.random() < 0.7]
            result = {"startDate": iso(midnight(begin)), "endDate": iso(midnight(day) + DAY), "managementUnitId": unit}
            if rng.random() < 0.9:
                found.append({"raw_day": day, "result": {**result, "userResults": users}})
    return found


def user_result(rng: random.Random, user: str, unit: str, begin: date, day: date) -> Row:
    """An agent's metrics, one per day of the result; the second unit's schedules are of other lengths than the first one's."""
    metrics = []
    for number in range((day - begin) // timedelta(days=1) + 1):
        metric: Row = {
            "dayStartOffsetSeconds": number * 86_400,
            "adherenceScheduleSeconds": rng.choice([3600, 28_800]) + (60 if unit == "mu-2" else 0),
            "conformanceScheduleSeconds": 28_800,
            "conformanceActualSeconds": rng.randrange(30_000),
            "exceptionCount": rng.randrange(4),
            "exceptionDurationSeconds": rng.randrange(900),
            "impactSeconds": rng.randrange(-900, 900),
            "scheduleLengthSeconds": 30_600,
        }
        if rng.random() < 0.7:
            metric |= {"adherencePercentage": rng.randrange(1001) / 10, "conformancePercentage": rng.randrange(1001) / 10}
        metrics.append(metric)
    percentages = {"adherencePercentage": rng.randrange(1001) / 10, "conformancePercentage": rng.randrange(1001) / 10}
    return {"userId": user, **percentages, "impact": rng.choice(["Positive", "Neutral"]), "dayMetrics": rng.sample(metrics, k=len(metrics))}


def draw_release_lists(rng: random.Random, days: list[date]) -> list[Row]:
    """The release list as observed twice: moved, withdrawn and added in between, some at midnight, some in the days of the world."""
    found: list[Row] = []
    names = [("2026.1", "App"), ("2026.1", "Portal"), ("2026.2", "App"), ("hotfix", "App")]
    for day in (days[0], days[-1]):
        releases = [
            {"release": name, "product": product, "released_at": midnight(rng.choice(days)) + rng.choice([0, 600, 725]) * MINUTE}
            for name, product in rng.sample(names, k=rng.randrange(1, 5))
        ]
        found.append({"observed_at": midnight(day) + 9 * 60 * MINUTE, "releases": releases})
    return found
