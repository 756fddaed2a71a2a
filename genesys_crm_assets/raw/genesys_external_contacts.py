"""One row per response page for the external contacts that the conversations of a UTC day told: who Genesys says its customers are, verbatim.

Asked for daily by the ids in the pages of `raw_genesys_interactions`, fifty at a time; then the contacts these were merged into, until none
is new; and, where the mapping says so, by a request of its own whatever only an expanded record tells, once per contact ever: a later day
that meets it keeps the same page again, as it came. Ids that are no Genesys ids, such as Salesforce's own, are not asked for.
Contacts that nobody met that day are absent. Of a contact that expired, or was deleted, Genesys' answer says only that it is not known.
Do not take a page's failures for errors: one may fail inside a success and be told on the next page.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import chain
from typing import Any

import dagster as dg
import msgspec
import pyarrow.parquet as pq

from genesys_crm_assets import graph, partitions, walk
from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import UpstreamMissing
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import genesys_interactions, licences, pages
from genesys_crm_assets.resources import GenesysCloud, Lake
from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.genesys.external_contacts import Contact, Known
from genesys_crm_assets.sources.genesys.feeds import records_of
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.sources.salesforce import record_ids

TABLE = Table(name="raw_genesys_external_contacts", layer="raw", description=__doc__, key=("page",), columns=pages.COLUMNS)
BODY = Body(reads=(), proofs=(pages.LEDGER_IS_CLOSED,))

SOURCE = "external_contacts"
"""As `SOURCES_ABSENT` names it."""

MET, CANONICAL, EXPANDED = "external_contacts", "canonical_contacts", "expanded_contacts"
"""The feeds: ids that conversations told, ids that those were merged into, and single records, whose cursor is the contact's id."""

CONTACT = "003"
"""The key prefix of Salesforce's Contacts."""

HOLDS = "expanded"
"""The paper that names the contacts whose single records an object holds, with commas between; objects of old have none."""

_HOLDS = (HOLDS, f"select coalesce(string_agg(cursor, ',' order by page), '') from result where feed = '{EXPANDED}'")
_EXPAND = ("externalDataSources",)
_GENESYS_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@graph.asset(TABLE, BODY, kinds={"genesys", "parquet"}, deps=[genesys_interactions.raw_genesys_interactions])
def raw_genesys_external_contacts(context: dg.AssetExecutionContext, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""
    with genesys.client() as client:

        def step(builder: Builder, day: date) -> list[walk.Made]:
            return [land(lake, client, builder, day)]

        (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(lake: Lake, client: Genesys, builder: Builder, day: date) -> walk.Made:
    """Ask for the external contacts met on one UTC day and write the answers aside.

    Raises `UpstreamMissing` where the day's conversations are not there yet, and what the vendor's library raises.
    """
    said = licences.papers(SOURCE, lake.absent)
    met = [] if said else sorted(_met(lake, day))
    expands = lake.environment.words().expand_contacts
    digest = hashlib.sha256(",".join(met).encode()).hexdigest()
    about = json.dumps({"day": day.isoformat(), "contacts": digest, "expands": expands})
    asking = _Asking(lake, client, day, about, tuple(met))
    with licences.needed(SOURCE):
        chapters = asking.chapters(expands=expands) if met else []
        made = pages.land(lake, builder, TABLE, day, about=about, chapters=chapters, papers=said, marks=(_HOLDS,))
    return replace(made, figures={**made.figures, "contacts_met": len(met)})


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who is asked for next is a function of the pages that have arrived, so a killed run goes on from its journal."""

    lake: Lake
    client: Genesys
    day: date
    about: str
    met: tuple[str, ...]

    def chapters(self, *, expands: bool) -> list[pages.Chapter]:
        found = [pages.Chapter(MET, self._met), pages.Chapter(CANONICAL, self._canonical, optional=True)]
        return [*found, pages.Chapter(EXPANDED, self._expanded, optional=True)] if expands else found

    def _arrived(self) -> list[dict[str, Any]]:
        return pages.under_way(self.lake, TABLE, self.day, self.about).entries()

    def _known(self) -> Known:
        known = Known()
        for entry in self._arrived():
            if entry["feed"] in (MET, CANONICAL):
                known.take(entry["body"])
        return known

    def _met(self, _resume: str | None) -> Iterator[Page]:
        known = self._known()
        for page in self.client.external_contacts([one for one in self.met if one not in known.contacts]):
            yield replace(page, feed=MET)

    def _canonical(self, _resume: str | None) -> Iterator[Page]:
        known = self._known()
        while wanted := _unknown(known):
            for page in self.client.external_contacts(wanted):
                known.take(page.body)
                yield replace(page, feed=CANONICAL, is_last=page.is_last and not _unknown(known))

    def _expanded(self, _resume: str | None) -> Iterator[Page]:
        arrived = {entry["cursor"] for entry in self._arrived() if entry["feed"] == EXPANDED}
        wanted = [one for one in _nameless(self._known(), self.met) if one not in arrived]
        kept = _expanded_before(self.lake, set(wanted))
        # Those kept from other days come first: a journal is judged by its last page, which should be of now.
        asked = (self.client.external_contact(one, expand=_EXPAND) for one in wanted if one not in kept)
        for number, page in enumerate(chain(kept.values(), asked), 1):
            yield replace(page, feed=EXPANDED, number=number, is_last=number == len(wanted))


def _unknown(known: Known) -> list[str]:
    return sorted(one for one in known.merges() if _GENESYS_ID.fullmatch(one))


def _nameless(known: Known, met: tuple[str, ...]) -> list[str]:
    """The contacts whose records speak for somebody met and whose external ids name no Contact of Salesforce (§6.2).

    Their own addresses do not count: data sources go before them, and only an expanded record tells those.
    """
    speakers = {speaker for one in met if (speaker := known.speaker(one)) is not None}
    told = ((one, Contact(contact.external_ids)) for one in sorted(speakers) if (contact := known.contacts[one]) is not None)
    return [one for one, own in told if not any(record_ids.record_id(text, CONTACT) for text in own.foreign_ids())]


def _expanded_before(lake: Lake, wanted: set[str]) -> dict[str, Page]:
    """The pages of single records that some day holds already, by contact; the latest days first.

    What days hold is told by their papers, so that only those are opened that hold one which is wanted.
    """
    found: dict[str, Page] = {}
    for day in reversed(lake.storage.days(TABLE)) if wanted else ():
        key = layout.object_key(TABLE, day)
        papers = lake.storage.footers.papers(TABLE.name, key)
        if papers is None or (papers.values.get(HOLDS) is not None and wanted.isdisjoint(papers.get(HOLDS).split(","))):
            continue
        of = [("feed", "=", EXPANDED), ("cursor", "in", sorted(wanted))]
        rows = pq.read_table(lake.storage.url(key), filters=of, partitioning=None).to_pylist()
        found |= {row["cursor"]: _page(row) for row in rows}
        wanted = wanted - found.keys()
        if not wanted:
            break
    lake.storage.footers.keep()
    return found


def _page(row: dict[str, Any]) -> Page:
    """A page that was kept, as it came; nothing is asked for it now."""
    told = {name: row[name] for name in ("feed", "request", "cursor", "body", "record_count")}
    received_at = row["received_at"].replace(tzinfo=UTC)
    rest: dict[str, Any] = {"attempts": 0, "waited_ms": 0, "data_available_until": None, "checkpoint": None}
    return Page(number=0, received_at=received_at, is_last=False, **told, **rest)


class _Party(msgspec.Struct):
    externalContactId: Any = None  # noqa: N815 - the vendor's name


class _Conversation(msgspec.Struct):
    participants: list[_Party] | None = None


class _Conversations(msgspec.Struct):
    conversations: list[_Conversation] | None = None


def told_by(record: bytes) -> set[str]:
    """The Genesys ids of external contacts that one conversation tells, of any participant."""
    try:
        parties = msgspec.json.decode(record, type=_Conversation).participants or ()
        told = [party.externalContactId for party in parties]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = list(_told_oddly(record))
    return {one for one in told if isinstance(one, str) and _GENESYS_ID.fullmatch(one)}


def _met(lake: Lake, day: date) -> set[str]:
    """The Genesys ids of external contacts in the day's conversations, of any participant in any telling."""
    key = layout.object_key(genesys_interactions.TABLE, day)
    if not lake.storage.exists(key):
        name = genesys_interactions.TABLE.name
        raise UpstreamMissing(f"{name} has no {day}; materialise {name} for that day first")
    found: set[str] = set()
    for batch in pq.ParquetFile(lake.storage.url(key)).iter_batches(batch_size=16, columns=["body"]):
        for body in batch.column("body").to_pylist():
            found |= {told for told in _told(body) if isinstance(told, str) and _GENESYS_ID.fullmatch(told)}
    return found


def _told(body: bytes) -> Iterator[Any]:
    try:
        conversations = msgspec.json.decode(body, type=_Conversations).conversations or []
        yield from (party.externalContactId for one in conversations for party in one.participants or ())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        for record in _records(body):
            yield from _told_oddly(record)


def _records(body: bytes) -> list[bytes]:
    try:
        return records_of(body)
    except ValueError:
        # Bytes that are no JSON name nobody; staging refuses them.
        return []


def _told_oddly(record: bytes) -> Iterator[Any]:
    """The same of one record that the fast decoder refuses; one that cannot be staged may still tell whom it was about."""
    try:
        told = json_bytes.value(record)
    except ValueError:
        return
    parties = told.get("participants") if isinstance(told, dict) else None
    yield from (party.get("externalContactId") for party in parties if isinstance(party, dict)) if isinstance(parties, list) else ()
