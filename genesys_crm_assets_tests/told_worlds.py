"""A drawn world, told to a lake as both vendors would tell it: pages of conversations, records of the CRM, and when they were read.

Not here: what must come of it (`oracle`), or the comparison.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from genesys_crm_assets import mapping
from genesys_crm_assets.dimensions import (
    salesforce_account,
    salesforce_case,
    salesforce_contact,
    salesforce_opportunity,
    salesforce_user,
)
from genesys_crm_assets.lake import lag
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.marts import agent_performance, queue_performance
from genesys_crm_assets.raw import genesys_interactions, salesforce
from genesys_crm_assets.staging import (
    genesys_external_contacts,
    genesys_tellings,
    salesforce_accounts,
    salesforce_cases,
    salesforce_contacts,
    salesforce_field_history,
    salesforce_opportunities,
    salesforce_users,
)
from genesys_crm_assets_tests import lakes, told_beside
from genesys_crm_assets_tests.lakes import Row, SmallLake
from genesys_crm_assets_tests.oracle.conversations import Words
from genesys_crm_assets_tests.oracle.crm import Settings
from genesys_crm_assets_tests.oracle.history import ID_COLUMN
from genesys_crm_assets_tests.oracle.values import midnight
from genesys_crm_assets_tests.oracle.world import World

DAY = timedelta(days=1)
HALF_AN_HOUR = timedelta(minutes=30)

CRM: dict[str, tuple[str, Table, Table, Body]] = {
    "cases": ("Case", salesforce.CASES, salesforce_cases.TABLE, salesforce_cases.BODY),
    "accounts": ("Account", salesforce.ACCOUNTS, salesforce_accounts.TABLE, salesforce_accounts.BODY),
    "contacts": ("Contact", salesforce.CONTACTS, salesforce_contacts.TABLE, salesforce_contacts.BODY),
    "opportunities": ("Opportunity", salesforce.OPPORTUNITIES, salesforce_opportunities.TABLE, salesforce_opportunities.BODY),
    "users": ("User", salesforce.USERS, salesforce_users.TABLE, salesforce_users.BODY),
    "field_history": ("", salesforce.FIELD_HISTORY, salesforce_field_history.TABLE, salesforce_field_history.BODY),
}
"""Part of a world → sObject, raw table, staged table and its body."""

DIMENSIONS = (
    (salesforce_case.TABLE, salesforce_case.BODY),
    (salesforce_account.TABLE, salesforce_account.BODY),
    (salesforce_contact.TABLE, salesforce_contact.BODY),
    (salesforce_opportunity.TABLE, salesforce_opportunity.BODY),
    (salesforce_user.TABLE, salesforce_user.BODY),
)

PERFORMANCE = ((queue_performance.TABLE, queue_performance.BODY), (agent_performance.TABLE, agent_performance.BODY))

HISTORIES = {"Opportunity": "OpportunityFieldHistory"}
"""sObjects of field history that are not named `<object>History`."""

FIELDS = {
    "case_number": "CaseNumber",
    "origin": "Origin",
    "status": "Status",
    "priority": "Priority",
    "type": "Type",
    "is_escalated": "IsEscalated",
    "name": "Name",
    "industry": "Industry",
    "customer_tier": "Account_Tier__c",
    "annual_revenue": "AnnualRevenue",
    "ltv_usd": "Customer_LTV_USD__c",
    "is_active": "IsActive",
    "stage_name": "StageName",
    "amount": "Amount",
    "close_date": "CloseDate",
    "owner_id": "OwnerId",
    "created_at": "CreatedDate",
    "closed_at": "ClosedDate",
    "system_modstamp": "SystemModstamp",
    "is_deleted": "IsDeleted",
    "master_record_id": "MasterRecordId",
    "field": "Field",
    "old_value": "OldValue",
    "new_value": "NewValue",
}
IDS = {
    "Case": {"case_id": "Id", "account_id": "AccountId", "contact_id": "ContactId"},
    "Account": {"account_id": "Id"},
    "Contact": {"contact_id": "Id", "account_id": "AccountId"},
    "Opportunity": {"opportunity_id": "Id", "account_id": "AccountId"},
    "User": {"user_id": "Id"},
}


def open_lake(root: Path, some: Settings, words: Words, first_day: date) -> SmallLake:
    """An empty lake of an org with these settings, words and calendar."""
    mapped = replace(
        mapping.read(),
        attribute_case_id=words.case,
        attribute_account_id=words.account,
        attribute_contact_id=words.contact,
        attribute_escalated=words.escalated,
        attribute_bot_only=words.bot,
        own_numbers=some.own_numbers,
        closed_opportunity_stages=some.closed_opportunity_stages,
    )
    return SmallLake(root, first_day, {**variables(some), "DEFAULT_PHONE_REGION": words.phone_region}, mapped)


def variables(some: Settings) -> dict[str, str]:
    """The settings as the environment tells them."""
    return {
        "MATCH_TOLERANCE_MINUTES": str(some.match_tolerance_minutes),
        "MATCH_LOOKBACK_HOURS": str(some.match_lookback_hours),
        "MATCH_WINDOW_HOURS": str(some.match_window_hours),
        "HIGH_LATENCY_PERIODS": ";".join(f"{begin}/{end}" for begin, end in some.high_latency_periods),
        "MATCH_RULES": ",".join(some.match_rules),
        "DEFAULT_PHONE_REGION": some.default_phone_region,
        "SOURCES_ABSENT": ",".join(some.sources_absent),
    }


def aware(value: Any) -> Any:
    """What a DuckDB timestamp says, with the zone it leaves unsaid; anything else as it is, inside and out."""
    if isinstance(value, dict):
        return {name: aware(each) for name, each in value.items()}
    if isinstance(value, list):
        return [aware(each) for each in value]
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def naive(moment: datetime) -> datetime:
    """A moment as DuckDB's timestamps are: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def told_crm(moment: datetime) -> str:
    """A moment as Salesforce tells it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def land_crm(world: World, lake: SmallLake, rng: Random) -> None:
    """Land and stage every partition of the CRM in some order, then build the dimensions."""
    objects = []
    for part, (sobject, raw, _, _) in CRM.items():
        by_day = partitions(world, part, rng)
        for day in sorted({*by_day, *world.days}):
            rows = [raw_record(sobject, row) for row in by_day.get(day, [])]
            objects.append((part, raw, day, rows, readings_of(world, day)))
    rng.shuffle(objects)
    for part, raw, day, rows, papers in objects:
        lake.land(raw, day, rows, papers)
        _, _, staged, body = CRM[part]
        lake.build(staged, body, day)
    for table, body in DIMENSIONS:
        lake.build(table, body)


def partitions(world: World, part: str, rng: Random) -> dict[date, list[Row]]:
    """A part of the world by the partition that first told each of its rows; what changed before the first day stands in the baseline.

    A row read twice is in the baseline and in the day it changed, or twice in one day, which keeps what it was first told.
    """
    kept: dict[tuple[str, datetime, date], Row] = {}
    sobject, _, _, _ = CRM[part]
    moment, key = ("system_modstamp", ID_COLUMN[sobject]) if sobject else ("created_at", "history_id")
    for row in sorted(getattr(world, part), key=lambda each: each.get("received_at", each[moment])):
        own = max(row[moment].date(), world.days[0])
        told_before = (row[key], row[moment], world.days[0]) in kept
        day = own if told_before or rng.random() < 0.7 else world.days[0]
        kept.setdefault((row[key], row[moment], day), row)
    found: dict[date, list[Row]] = {}
    for (_, _, day), row in kept.items():
        found.setdefault(day, []).append(row)
    return found


def raw_record(sobject: str, row: Row) -> Row:
    """A typed telling or history row as the record Salesforce would have told."""
    if not sobject:
        parent = row["object"]
        fields = _fields(row, {"history_id": "Id", "record_id": f"{parent}Id"})
        return lakes.record(HISTORIES.get(parent, f"{parent}History"), fields, naive(row["created_at"]), "CreatedDate")
    fields = _fields(row, IDS[sobject])
    for each in (*row.get("phones", ()), *row.get("emails", ())):
        fields[each["field"]] = each["told"]
    return lakes.record(sobject, fields, naive(row["received_at"]))


def readings_of(world: World, day: date) -> dict[str, str]:
    """When the CRM was read for a partition; records are taken to be read when history is."""
    mine = [read for read in world.history_reads if (read["day"] or world.days[0]) == day]
    return lakes.readings(*((read["day"] is None, naive(read["read_at"]), naive(read["read_until"])) for read in mine))


def pages(told: Iterable[Row], day: date) -> list[Row]:
    """The response pages of a raw day on which these records were told; a page that nobody was told on is there and empty."""
    by_page: dict[int, list[Row]] = {1: []}
    for each in sorted(told, key=lambda one: int(one["position"])):
        if each["raw_day"] == day:
            by_page.setdefault(each["page"], []).append(each)
    numbers = range(1, max(by_page) + 1)
    empty = {"feed": "conversation_jobs", "received_at": midnight(day) + DAY + HALF_AN_HOUR, "data_available_until": None}
    heads = {number: (by_page.get(number) or [empty])[0] for number in numbers}
    last = {head["feed"]: number for number, head in heads.items()}
    rows = []
    for number, head in heads.items():
        records = [each["record"].encode() for each in by_page.get(number, [])]
        until = head["data_available_until"]
        is_last = last[head["feed"]] == number
        rows.append(lakes.page(number, head["feed"], records, naive(head["received_at"]), until=until and naive(until), last=is_last))
    return rows


def land_world(world: World, lake: SmallLake, rng: Random, *, first_half: bool = False) -> None:
    """Land everything in some order and build all tables; where asked, a part of what was told on each day was landed and built before."""
    told_beside.land_listings(world, lake, rng)
    told_beside.land_releases(world, lake, rng)
    told_beside.land_adherence(world, lake, rng)
    land_crm(world, lake, rng)
    if first_half:
        land_conversations(world, lake, rng, [each for each in world.told if rng.random() < 0.5])
        told_beside.land_external_contacts(world, lake, rng, rng.sample(world.days, k=2))
        settle(lake, rng)
    land_conversations(world, lake, rng)
    if rng.random() < 0.5:
        settle(lake, rng)
    told_beside.land_external_contacts(world, lake, rng, rng.sample(world.days, k=len(world.days)))
    settle(lake, rng)


def land_conversations(world: World, lake: SmallLake, rng: Random, told: Iterable[Row] | None = None) -> None:
    """Land what was told on every raw day, all or a part of it, in some order."""
    some = world.told if told is None else tuple(told)
    for day in rng.sample(world.days, k=len(world.days)):
        lake.land(genesys_interactions.TABLE, day, pages(some, day))


def settle(lake: SmallLake, rng: Random) -> None:
    """Build what lags, table by table in the order in which a run does, the days of each in some order."""

    def arrange(days: list[date]) -> list[date]:
        return rng.sample(days, k=len(days))

    for day in arrange(lag.lagging(lake.storage, genesys_tellings.TABLE, genesys_tellings.BODY)):
        lake.split(day)
    for day in arrange(lag.lagging(lake.storage, genesys_external_contacts.TABLE, genesys_external_contacts.BODY)):
        lake.build(genesys_external_contacts.TABLE, genesys_external_contacts.BODY, day)
    lake.settle(arrange)
    for table, body in PERFORMANCE:
        for day in arrange(lag.lagging(lake.storage, table, body)):
            lake.build(table, body, day)


def _fields(row: Row, ids: dict[str, str]) -> Row:
    names = {**FIELDS, **ids}
    told = {names[name]: value for name, value in row.items() if name in names}
    return {name: _as_told(value) for name, value in told.items()}


def _as_told(value: Any) -> Any:
    if isinstance(value, datetime):
        return told_crm(value)
    return value.isoformat() if isinstance(value, date) else value
