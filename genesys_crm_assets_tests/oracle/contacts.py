"""External contacts (§6.2, §6.9): `staging_genesys_external_contacts`, and which Salesforce Contact an external contact names.

An answer is what Genesys said of one id on one raw day: `raw_day`, `external_contact_id`, `met` (an interaction of the day carried it;
else it was asked for because another contact was merged into it), `deleted` (Genesys knows it no more), `entity` (the contact as told in
bulk, None where deleted) and `expanded` (as told by a single GET with expand, where there was one). Not here: what a name leads to
(`linking`).
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache

from .conversations import present
from .values import LONG_AGO, Row, salesforce_id

_WORD = re.compile(r"[A-Za-z0-9]+")


def merged_into(entity: Row | None) -> str | None:
    """The contact a contact says it was merged into: the canonical one, else the next one; None where it names itself or nobody."""
    if entity is None:
        return None
    told = (entity.get("canonicalContact") or {}).get("id") or (entity.get("mergedTo") or {}).get("id")
    return None if told == entity["id"] else told


def canonical(start: str, day: dict[str, Row]) -> str:
    """Where the merges lead, as far as the day tells; a contact whose merges go in a circle is its own."""
    seen, here = {start}, start
    while True:
        following = merged_into(day[here]["entity"]) if here in day else None
        if following is None:
            return here
        if following in seen:
            return start
        seen.add(following)
        here = following


def in_url(url: str | None) -> str | None:
    """The first valid Contact id that stands between a URL's separators."""
    words = _WORD.findall(url or "")
    return next((found for found in (salesforce_id(word, "003") for word in words) if found is not None), None)


def named_by(entity: Row, sources: list[Row]) -> Iterator[str | None]:
    """What each place of a contact's record names, in the order in which they are believed."""
    for each in present(entity, "externalIds"):
        yield salesforce_id(each.get("value"), "003")
    for source in sources:
        if source.get("platform") == "SALESFORCE":
            yield in_url(source.get("url"))
    yield in_url(entity.get("externalSystemUrl"))


def sources_known(contact: str, day: date, answers: list[Row]) -> list[Row]:
    """The data sources a single GET told of a contact, that day or before, as last told."""
    told = [each for each in answers if each["external_contact_id"] == contact and each["expanded"] is not None and each["raw_day"] <= day]
    return present(max(told, key=lambda each: each["raw_day"])["expanded"], "externalDataSources") if told else []


def crm_contact(contact: str, head: str, day: date, answers: list[Row]) -> str | None:
    """The Contact named by the record of the canonical contact; by its own where Genesys does not know the canonical one."""
    known = {each["external_contact_id"]: each["entity"] for each in answers if each["raw_day"] == day and each["entity"] is not None}
    speaker = head if head in known else contact
    if speaker not in known:
        return None
    return next((found for found in named_by(known[speaker], sources_known(speaker, day, answers)) if found is not None), None)


def staging_external_contacts(answers: list[Row], tellings: list[Row]) -> list[Row]:
    """All rows of `staging_genesys_external_contacts`: one per raw day and id met, in that order, and for which days' conversations."""
    rows = []
    for day in sorted({each["raw_day"] for each in answers}):
        told = {each["external_contact_id"]: each for each in answers if each["raw_day"] == day}
        for contact in sorted(told):
            if told[contact]["met"]:
                head = canonical(contact, told)
                rows.append(
                    {
                        "day_utc": day,
                        "external_contact_id": contact,
                        "canonical_id": head,
                        "crm_contact_id": crm_contact(contact, head, day, answers),
                        "is_deleted": told[contact]["deleted"],
                        "start_days": start_days(contact, day, tellings),
                    }
                )
    return rows


def start_days(contact: str, raw_day: date, tellings: list[Row]) -> list[date]:
    """The days on which the conversations began that told of a contact on a raw day; `tellings` are those that can be staged."""
    mine = (telling for telling in tellings if telling["raw_day"] == raw_day and contact in told_contacts(telling["record"]))
    return sorted({telling["start_day"] for telling in mine})


@cache
def told_contacts(record: str) -> frozenset[str]:
    """The external contacts that a stageable record names, of any participant."""
    everyone = [each.get("externalContactId") for each in present(json.loads(record), "participants")]
    return frozenset(each for each in everyone if each is not None)


def contacts_named(staged: list[Row], received: dict[date, datetime] | None = None) -> dict[str, str]:
    """Per external contact the Contact it names: as the newest answer said on which Genesys still knew it.

    Newer is a day whose answers were received later (`received`, by raw day; left out, all at once), then a later day.
    """
    newest: dict[str, str | None] = {}
    for row in sorted(staged, key=lambda row: ((received or {}).get(row["day_utc"], LONG_AGO), row["day_utc"])):
        if not row["is_deleted"]:
            newest[row["external_contact_id"]] = row["crm_contact_id"]
    return {contact: named for contact, named in newest.items() if named is not None}


def names_for(start_day: date, staged: list[Row], answers: list[Row]) -> dict[str, str]:
    """What external contacts name to the interactions of a day of beginning: as answered when that day's conversations told of them."""
    received = {day: max(each["received_at"] for each in answers if each["raw_day"] == day) for day in {row["day_utc"] for row in staged}}
    return contacts_named([row for row in staged if start_day in row["start_days"]], received)
