"""What a drawn world's vendors tell beside conversations and records, landed as raw tables hold it: listings, contacts, adherence, releases.

Listings and releases go through the product's own observing, page by page, so what is not kept is its decision. Not here: what must come of it
(`oracle`), or the records of the CRM (`told_worlds`).
"""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import zip_longest
from random import Random
from typing import Any, cast

from genesys_crm_assets.dimensions import date as calendar
from genesys_crm_assets.dimensions import (
    genesys_agent,
    genesys_location,
    genesys_queue,
    genesys_skill,
    genesys_team,
    genesys_wrapup_code,
    product_release,
)
from genesys_crm_assets.facts import agent_adherence
from genesys_crm_assets.raw import (
    genesys_adherence,
    genesys_external_contacts,
    genesys_reference,
    observations,
    salesforce_releases,
)
from genesys_crm_assets.raw.genesys_external_contacts import CANONICAL, MET
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.sources.salesforce.walk import FEED as SOQL
from genesys_crm_assets.staging import genesys_reference as staged_reference
from genesys_crm_assets_tests import contact_pages
from genesys_crm_assets_tests.lakes import Row, SmallLake
from genesys_crm_assets_tests.oracle.values import iso
from genesys_crm_assets_tests.oracle.world import World

SECOND = timedelta(seconds=1)

LISTED = (
    (staged_reference.TABLE, staged_reference.BODY),
    (genesys_queue.TABLE, genesys_queue.BODY),
    (genesys_agent.TABLE, genesys_agent.BODY),
    (genesys_wrapup_code.TABLE, genesys_wrapup_code.BODY),
    (genesys_skill.TABLE, genesys_skill.BODY),
    (genesys_team.TABLE, genesys_team.BODY),
    (genesys_location.TABLE, genesys_location.BODY),
)


def land_listings(world: World, lake: SmallLake, rng: Random) -> None:
    """Observe every listing as often as the world did, several in one reading, then build what is made of them."""
    names = sorted({each["listing"] for each in world.listings})
    sizes = {name: rng.choice([1, 2, 100]) for name in names}
    by_name = [sorted((each for each in world.listings if each["listing"] == name), key=lambda each: each["observed_at"]) for name in names]
    for turn in zip_longest(*by_name):
        seen = [listing_of(each, sizes[each["listing"]]) for each in turn if each is not None]
        observe(lake, genesys_reference.TABLE, rng.sample(seen, k=len(seen)))
    for table, body in LISTED:
        lake.build(table, body)


def listing_of(observed: Row, size: int) -> observations.Listing:
    """An observation as the vendor's client hands it over: pages of so many entities, each a second after the one before."""
    entities = observed["entities"]
    parts = [entities[start : start + size] for start in range(0, len(entities), size)] or [[]]
    found = [
        answer(
            "reference",
            json.dumps({"entities": part, "pageNumber": number, "total": len(entities)}).encode(),
            observed["observed_at"] + (number - 1) * SECOND,
            number=number,
            records=len(part),
            last=number == len(parts),
        )
        for number, part in enumerate(parts, 1)
    ]
    return observations.Listing(observed["listing"], lambda: found)


def land_releases(world: World, lake: SmallLake, rng: Random) -> None:
    """Observe the release list as often as the world did, now as a file, now as a query's answer, then build its dimension."""
    for observed in sorted(world.release_lists, key=lambda each: each["observed_at"]):
        (listing,) = rng.sample([as_file(observed), as_answer(observed)], k=1)
        observe(lake, salesforce_releases.TABLE, [listing])
    lake.build(product_release.TABLE, product_release.BODY)
    lake.build(calendar.TABLE, calendar.BODY)


def as_file(observed: Row) -> observations.Listing:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["product", "released_at", "release"])
    writer.writeheader()
    writer.writerows({**each, "released_at": iso(each["released_at"])} for each in observed["releases"])
    page = answer(salesforce_releases.CSV, text.getvalue().encode(), observed["observed_at"], records=len(observed["releases"]))
    return observations.Listing(salesforce_releases.CSV, lambda: [page], (SOQL,))


def as_answer(observed: Row) -> observations.Listing:
    records = [
        {"Name": each["release"], "Product__c": each["product"], "Released_At__c": iso(each["released_at"]).replace("Z", "+0000")}
        for each in observed["releases"]
    ]
    body = json.dumps({"totalSize": len(records), "done": True, "records": records}).encode()
    page = answer(SOQL, body, observed["observed_at"], records=len(records))
    return observations.Listing(SOQL, lambda: [page], (salesforce_releases.CSV,))


def observe(lake: SmallLake, table: Any, listings: Sequence[observations.Listing]) -> None:
    """One reading of some listings by the product's own rule of what is kept."""
    lake._published(observations.gain(cast("Lake", lake), lake.builder, table, listings).aside)


def answer(feed: str, body: bytes, received_at: datetime, *, records: int, number: int = 1, last: bool = True) -> Page:
    """A page as the vendors' clients return it."""
    return Page(
        number=number,
        feed=feed,
        request="{}",
        cursor=None,
        body=body,
        record_count=records,
        received_at=received_at,
        attempts=1,
        waited_ms=0,
        data_available_until=None,
        checkpoint=None,
        is_last=last,
    )


def land_adherence(world: World, lake: SmallLake, rng: Random) -> None:
    """Land the results of every day in some order, as downloads came, and build the fact of the day."""
    for day in rng.sample(world.days, k=len(world.days)):
        told = [each["result"] for each in world.adherence if each["raw_day"] == day]
        rows = [adherence_row(number, result) for number, result in enumerate(rng.sample(told, k=len(told)), 1)]
        lake.land(genesys_adherence.TABLE, day, rows)
        lake.build(agent_adherence.TABLE, agent_adherence.BODY, day)


def adherence_row(number: int, result: Row) -> Row:
    body, received_at = json.dumps(result).encode(), datetime.fromisoformat(result["endDate"])
    told = {"page": number, "feed": "adherence", "request": "{}", "record_count": len(result["userResults"]), "is_last": True, "body": body}
    rest = {"received_at": unzoned(received_at), "attempts": 1, "waited_ms": 0, "run_id": "a run"}
    return {**told, **rest, "body_sha256": hashlib.sha256(body).hexdigest()}


def land_external_contacts(world: World, lake: SmallLake, rng: Random, days: Sequence[date]) -> None:
    """Land what Genesys answered about the external contacts of some days."""
    for day in days:
        lake.land(genesys_external_contacts.TABLE, day, contact_rows(world, rng, day))


def contact_rows(world: World, rng: Random, day: date) -> list[Row]:
    """The pages of a day: those met, then those they were merged into, in batches answered in any order; then whoever was ever read singly.

    An answer that failed in passing stands before the one that counts. A contact read singly once stands on every later day that tells of
    it, as last read, though the product keeps it only where its external ids name nobody.
    """
    told = {each["external_contact_id"]: each for each in world.external_contacts if each["raw_day"] == day}
    rows: list[Row] = []
    for feed, met in ((MET, True), (CANONICAL, False)):
        asked = rng.sample(
            sorted(one for one, each in told.items() if each["met"] is met), k=sum(each["met"] is met for each in told.values())
        )
        for batch in batches(rng, asked):
            passing = [one for one in batch if rng.random() < 0.05]
            results = [
                contact_pages.failed(one, 503, "trouble", retryable=True) if one in passing else result_of(told[one]) for one in batch
            ]
            rows.append(contact_page(batch, rng.sample(results, k=len(results)), len(rows) + 1, told, feed))
            if passing:
                rows.append(contact_page(passing, [result_of(told[one]) for one in passing], len(rows) + 1, told, feed))
    for one in sorted(told):
        single = last_single(world, one, day)
        if single is not None:
            rows.append(contact_pages.single(one, single, number=len(rows) + 1, received_at=unzoned(told[one]["received_at"])))
    return rows


def batches(rng: Random, asked: list[str]) -> list[list[str]]:
    size = rng.choice([1, 3, 50])
    return [asked[start : start + size] for start in range(0, len(asked), size)]


def contact_page(asked: list[str], results: list[Row], number: int, told: dict[str, Row], feed: str) -> Row:
    received_at = max(unzoned(told[one]["received_at"]) for one in asked)
    return contact_pages.page(asked, results, number=number, received_at=received_at, feed=feed)


def result_of(answered: Row) -> Row:
    """What the bulk answer holds of a contact."""
    return contact_pages.failed(answered["external_contact_id"]) if answered["deleted"] else contact_pages.found(answered["entity"])


def last_single(world: World, contact: str, day: date) -> Row | None:
    """A contact as last read by itself, on the day or before."""
    known = [
        (each["raw_day"], each["expanded"])
        for each in world.external_contacts
        if each["external_contact_id"] == contact and each["expanded"] is not None and each["raw_day"] <= day
    ]
    return max(known, key=lambda each: each[0])[1] if known else None


def unzoned(moment: datetime) -> datetime:
    """A moment as DuckDB's timestamps are: UTC without saying so."""
    return moment.replace(tzinfo=None)
