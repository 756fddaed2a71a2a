"""Queues, agents, codes and external contacts, each on the smallest input that makes its rule bite."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from . import examples
from .contacts import contacts_named, in_url, names_for, staging_external_contacts
from .crm import Settings
from .history import dimension
from .linking import links
from .reference import dimension as listed
from .reference import names, staging_reference
from .values import Row, sha256

DAY = date(2026, 1, 5)
NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, BOB = "003000000000001AAA", "003000000000002AAA"


def observation(hours: int, *entities: Row, listing: str = "queues") -> Row:
    return {"listing": listing, "observed_at": NINE + hours * HOUR, "entities": list(entities)}


def queue(name: str, division: str | None = "Home", thing: str = "q-a") -> Row:
    return {"id": thing, "name": name, **({} if division is None else {"division": {"id": "d", "name": division}})}


def told(rows: list[Row], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def test_a_queue_renamed_twice_in_one_day_keeps_both_names():
    """And a listing that says the same again makes no version; the first version begins with the calendar, not when we looked."""
    seen = [observation(3, queue("C")), observation(0, queue("A")), observation(1, queue("B")), observation(2, queue("B"))]
    rows = listed("Queue", seen, DAY)
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    assert told(rows, "name", "valid_from", "valid_to", "is_current", "change_source") == [
        ("A", begin, NINE + HOUR, False, "created"),
        ("B", NINE + HOUR, NINE + 3 * HOUR, False, "observed"),
        ("C", NINE + 3 * HOUR, None, True, "observed"),
    ]
    assert rows[0]["version_key"] == sha256("Queue|q-a|2026-01-05T00:00:00.000Z")
    assert told(staging_reference(seen), "listing", "thing_id", "observed_on", "name", "division") == [("queues", "q-a", DAY, "C", "Home")]
    assert told(staging_reference(seen)[0]["states"], "observed_at", "name") == [(NINE, "A"), (NINE + HOUR, "B"), (NINE + 3 * HOUR, "C")]


def test_a_queue_that_vanishes_is_inactive_until_it_returns():
    """It keeps its name meanwhile; a queue first seen late begins with the calendar all the same; a lost division is a change."""
    other = queue("Other", thing="q-b")
    seen = [
        observation(0, queue("A")),
        observation(1, other),
        observation(2, other),
        observation(3, other, queue("A", None)),
    ]
    rows = listed("Queue", seen, DAY)
    assert told(rows, "queue_id", "name", "division", "is_active", "valid_from") == [
        ("q-a", "A", "Home", True, datetime(2026, 1, 5, tzinfo=UTC)),
        ("q-a", "A", "Home", False, NINE + HOUR),
        ("q-a", "A", None, True, NINE + 3 * HOUR),
        ("q-b", "Other", "Home", True, datetime(2026, 1, 5, tzinfo=UTC)),
    ]


def test_a_thing_that_is_gone_has_a_row_on_the_day_it_was_first_missed():
    """And none on the days after; on the day it returns it has one again."""
    other = queue("Other", thing="q-b")
    seen = [
        observation(0, queue("A"), other),
        observation(24, other),
        observation(48, queue("B", thing="q-b")),
        observation(72, queue("A"), other),
    ]
    rows = [row for row in staging_reference(seen) if row["thing_id"] == "q-a"]
    assert [(row["observed_on"].day, row["is_listed"], row["name"], told(row["states"], "is_listed")) for row in rows] == [
        (5, True, "A", [(True,)]),
        (6, False, "A", [(False,)]),
        (8, True, "A", [(True,)]),
    ]


def test_an_agent_is_active_only_while_the_state_says_so():
    """Team and place are no history: every version has what was told last."""
    ann = {"id": "u-1", "name": "Ann", "state": "active", "email": "ann@example.com"}
    place = {"id": "of-ann", "locationDefinition": {"id": "l-1"}}
    seen = [
        observation(0, ann, listing="users"),
        observation(1, {**ann, "state": "deleted", "team": {"id": "t-1"}, "locations": [place]}, listing="users"),
    ]
    rows = listed("Agent", seen, DAY)
    assert told(rows, "is_active", "team_id", "location_id", "email") == [
        (True, "t-1", "l-1", "ann@example.com"),
        (False, "t-1", "l-1", "ann@example.com"),
    ]
    assert rows[1]["version_key"] == sha256("Agent|u-1|2026-01-05T10:00:00.000Z")


def test_a_code_that_vanished_keeps_its_last_name():
    seen = [
        observation(0, {"id": "w-1", "name": "Old"}, {"id": "w-2", "name": "Two"}, listing="wrapup_codes"),
        observation(1, {"id": "w-1", "name": "New"}, listing="wrapup_codes"),
    ]
    assert names("wrapup_code", seen) == [{"wrapup_code_id": "w-1", "name": "New"}, {"wrapup_code_id": "w-2", "name": "Two"}]


def contact_told(contact: str, *, met: bool = True, day: date = DAY, **entity: Any) -> Row:
    own: Row = {"raw_day": day, "external_contact_id": contact, "met": met, "deleted": False, "expanded": None}
    return {**own, "entity": {"id": contact, **entity}}


def gone(contact: str, *, met: bool = True, day: date = DAY) -> Row:
    return {**contact_told(contact, met=met, day=day), "deleted": True, "entity": None}


def test_a_chain_of_merged_contacts_names_what_its_head_names():
    """Of three contacts a was merged into b, b into c: c names Ada. What a says no longer counts; b was not met, so it has no row."""
    answers = [
        contact_told("a", externalIds=[{"value": BOB}], canonicalContact={"id": "b"}),
        contact_told("b", met=False, mergedTo={"id": "c"}),
        contact_told("c", met=False, externalIds=[{"value": "customer-7"}, {"value": ADA[:15]}], canonicalContact={"id": "c"}),
    ]
    assert staging_external_contacts(answers, []) == [
        {"day_utc": DAY, "external_contact_id": "a", "canonical_id": "c", "crm_contact_id": ADA, "is_deleted": False, "start_days": []}
    ]


def test_a_circle_of_merges_is_refused_and_an_unknown_head_says_nothing():
    """Two, a and b, name each other, x leads into the circle: each is its own. The head that Genesys knows no more leaves d to itself."""
    answers = [
        contact_told("a", externalIds=[{"value": ADA}], canonicalContact={"id": "b"}),
        contact_told("b", canonicalContact={"id": "a"}),
        contact_told("x", externalIds=[{"value": BOB}], canonicalContact={"id": "a"}),
        contact_told("d", externalIds=[{"value": BOB}], canonicalContact={"id": "e"}),
        gone("e"),
    ]
    assert told(staging_external_contacts(answers, []), "external_contact_id", "canonical_id", "crm_contact_id", "is_deleted") == [
        ("a", "a", ADA, False),
        ("b", "b", None, False),
        ("d", "e", BOB, False),
        ("e", "e", None, True),
        ("x", "x", BOB, False),
    ]


def test_the_three_places_of_a_contact_are_believed_in_order():
    """External ids before data sources, and those before the system's page. A data source told once stands on later days, not on earlier."""
    page = f"https://acme.lightning.force.com/lightning/r/Contact/{BOB}/view"
    source = f"https://acme.my.salesforce.com/{ADA[:15]}"
    bare, later = contact_told("a", externalSystemUrl=page), DAY + timedelta(days=1)
    sources = [{"platform": "OTHER", "url": page}, {"platform": "SALESFORCE", "url": source}]
    expanded = {**contact_told("a", day=later, externalSystemUrl=page), "expanded": {"id": "a", "externalDataSources": sources}}
    answers = [bare, expanded, contact_told("a", day=later + timedelta(days=1), externalSystemUrl=page)]
    assert told(staging_external_contacts(answers, []), "crm_contact_id") == [(BOB,), (ADA,), (ADA,)]
    assert (
        staging_external_contacts([contact_told("a", externalIds=[{"value": BOB}], externalSystemUrl=source)], [])[0]["crm_contact_id"]
        == BOB
    )
    assert in_url("https://acme.example.com/001000000000001AAA?of=003000000000001AAB") is None


def test_what_an_external_contact_named_stands_when_genesys_forgets_it():
    rows = staging_external_contacts([contact_told("a", externalIds=[{"value": ADA}]), gone("a", day=DAY + timedelta(days=1))], [])
    assert contacts_named(rows) == {"a": ADA}


def test_an_answer_speaks_for_the_days_whose_conversations_it_was_asked_for():
    """Told on the 5th and, late, on the 6th by conversations of the 5th; on the 7th by its own only. Of two answers the later received counts."""
    days = [DAY + timedelta(days=number) for number in range(3)]
    values = [ADA, BOB, "003000000000003AAA"]
    received = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (9, 7, 8)]
    answers = [
        {**contact_told("a", day=day, externalIds=[{"value": value}]), "received_at": moment}
        for day, value, moment in zip(days, values, received, strict=True)
    ]
    record = json.dumps({"participants": [{"purpose": "agent"}, {"externalContactId": "a"}]})
    starts = {days[0]: [days[0]], days[1]: [days[0], days[1]], days[2]: [days[2]]}
    tellings: list[Row] = [{"raw_day": raw, "start_day": start, "record": record} for raw, some in starts.items() for start in some]
    staged = staging_external_contacts(answers, tellings)
    assert told(staged, "day_utc", "start_days") == list(starts.items())
    assert [names_for(day, staged, answers) for day in days] == [{"a": ADA}, {"a": BOB}, {"a": values[2]}]


def linked(given: Row, named: dict[str, str]) -> Row:
    known = examples.crm(examples.typed("given", given))
    kinds = {"case": "cases", "account": "accounts", "contact": "contacts"}
    by_entity = {entity: dimension(entity.capitalize(), known[plural], [], known["history_reads"]) for entity, plural in kinds.items()}
    row = examples.interaction({"conversation_start": NINE, "external_contact_id": "a", **given["interaction"]})
    return links([row], by_entity, [], Settings(), named)[0]


def test_an_external_contact_finds_the_customer_or_says_whom_nobody_knows():
    """Told contact, external contact, account: what the external contact names comes second, and is reported where no table knows it."""
    account = "001000000000001AAA"
    given: Row = {"interaction": {"crm_account_id": account}, "accounts": [{"account_id": account}], "contacts": [{"contact_id": ADA}]}
    found = linked(given, {"a": ADA})
    assert (found["link_method"], found["contact_id"]) == ("external_contact", ADA)
    lost = linked(given, {"a": BOB})
    assert (lost["link_method"], lost["account_id"]) == ("account_attribute", account)
    assert {"reason": "unknown_crm_id", "told_id": BOB} in lost["reasons"]
    unknown_account = {**given, "interaction": {"crm_account_id": "001000000000009AAA"}}
    assert {"reason": "unknown_crm_id", "told_id": BOB} in linked(unknown_account, {"a": BOB})["reasons"]
    assert linked(given, {})["link_method"] == "account_attribute"


def test_an_external_contact_of_somebody_else_contradicts_a_told_case():
    case = "500000000000001AAA"
    contacts = [{"contact_id": ADA, "account_id": None}, {"contact_id": BOB, "account_id": None}]
    given: Row = {"interaction": {"crm_case_id": case}, "contacts": contacts, "cases": [{"case_id": case, "contact_id": ADA}]}
    assert linked(given, {"a": ADA})["link_method"] == "case_attribute"
    refused = linked(given, {"a": BOB})
    assert (refused["link_method"], refused["contact_id"], refused["case_id"]) == ("external_contact", BOB, None)
    assert {"reason": "relationship_mismatch", "told_id": case} in refused["reasons"]
