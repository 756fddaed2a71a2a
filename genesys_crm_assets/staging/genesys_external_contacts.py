"""One row per external contact that conversations of a UTC day told: the id it lives on under, and the Salesforce Contact it names.

Built daily from `raw_genesys_external_contacts` as Genesys answered for that day: merges are followed as far as its pages tell them, and the
Contact is the one that the surviving record names; where that record is not known, its own. A circle of merges is refused and counted.
Ids of conversations that are Salesforce Contacts' themselves are absent: nobody had to be asked about them.
Do not take the latest row of a contact for the present: it says what was told when that day was read.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import genesys_external_contacts as told
from genesys_crm_assets.sources.genesys.external_contacts import Contact, Known, asked_for, contact_of
from genesys_crm_assets.staging import genesys_tellings, record_ids

_BODY = ("raw_genesys_external_contacts.body",)

TABLE = Table(
    name="staging_genesys_external_contacts",
    layer="staging",
    description=__doc__,
    key=("external_contact_id",),
    columns=(
        Column(
            "external_contact_id",
            "varchar",
            "The external contact as conversations told it.",
            required=True,
            comes_from=("raw_genesys_external_contacts.request",),
        ),
        Column("canonical_id", "varchar", "The external contact it lives on in; itself if never merged.", required=True, comes_from=_BODY),
        Column("crm_contact_id", "varchar", "The Contact it names, 18 characters; not checked against the CRM.", comes_from=_BODY),
        Column("is_deleted", "boolean", "Genesys knows it no more.", required=True, comes_from=_BODY),
        Column(
            "start_days",
            "date[]",
            "UTC days on which the conversations began that told it this day: those it is an answer for.",
            required=True,
            comes_from=("staging_genesys_tellings.start_day", "staging_genesys_tellings.record"),
        ),
        Column("received_at", "timestamp", "When the last of the day's contacts was told, UTC.", required=True, provenance=True),
    ),
)


def stage(session: duckdb.DuckDBPyConnection, _day: Day) -> pa.Table:
    """One row for each external contact met on the day (§6.2, §6.9).

    Raises:
        ObjectDamaged: a page's bytes are not those that were received, or it does not hold the answers it should.
    """
    met: dict[str, None] = {}
    expanded: dict[str, Contact] = {}
    known, received_at = Known(), datetime.min  # noqa: DTZ901 - DuckDB's timestamps are UTC without saying so
    for feed, request, cursor, body, received in _pages(session):
        try:
            if feed == told.EXPANDED:
                expanded[cursor] = contact_of(body)
                continue
            known.take(body)
        except ValueError:
            raise ObjectDamaged("a page of raw_genesys_external_contacts is no answer; materialise that raw day again") from None
        received_at = max(received_at, received)
        met |= dict.fromkeys(asked_for(request)) if feed == told.MET else {}
    if met.keys() - known.contacts.keys():
        raise ObjectDamaged("raw_genesys_external_contacts lacks answers; materialise that raw day again")
    days = _start_days(session)
    rows = [{**_row(one, known, expanded), "start_days": sorted(days.get(one, ())), "received_at": received_at} for one in met]
    circles = sum(known.survivor(one)[1] for one in met)
    session.execute("create or replace temp table refused_circles as select cast($circles as bigint) as circles", {"circles": circles})
    return pa.Table.from_pylist(rows, schema=body_schema(TABLE))


def _row(contact_id: str, known: Known, expanded: dict[str, Contact]) -> dict[str, Any]:
    speaker = known.speaker(contact_id)
    record = known.contacts[speaker] if speaker is not None else None
    named = record.foreign_ids(expanded.get(speaker or "")) if record else ()
    return {
        "external_contact_id": contact_id,
        "canonical_id": known.survivor(contact_id)[0],
        "crm_contact_id": next((valid for text in named if (valid := record_ids.record_id(text, told.CONTACT))), None),
        "is_deleted": known.contacts[contact_id] is None,
    }


def _start_days(session: duckdb.DuckDBPyConnection) -> dict[str, set[date]]:
    """Of each contact told on the day, when the conversations began that told it."""
    found: dict[str, set[date]] = {}
    tellings = session.execute(f"select start_day, record from {genesys_tellings.TABLE.qualified}")
    while telling := tellings.fetchone():
        for one in told.told_by(telling[1]):
            found.setdefault(one, set()).add(telling[0])
    return found


def _pages(session: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str, bytes, datetime]]:
    columns = "feed, request, cursor, body, received_at, body_sha256"
    found = session.execute(f"select {columns} from {told.TABLE.qualified} order by page")
    while page := found.fetchone():
        feed, request, cursor, body, received_at, digest = page
        if hashlib.sha256(body).hexdigest() != digest:
            raise ObjectDamaged("a page of raw_genesys_external_contacts is not what was received; materialise that raw day again")
        yield feed, request, cursor, body, received_at


BODY = Body(
    reads=(Read(told.TABLE), Read(genesys_tellings.TABLE)),
    python=stage,
    proofs=(
        Proof(
            "every_contact_met_is_staged_once",
            sql_beside(__file__, "proof"),
            "Rows = ids that Genesys was asked about because conversations told them; circles of merges are counted and refused.",
        ),
    ),
    # Which days' conversations told somebody here is the tellings' to say.
    follows=(told.TABLE, genesys_tellings.TABLE),
    marks=(("starts", sql_beside(__file__, "starts")),),
)


@graph.asset(TABLE, BODY)
def staging_genesys_external_contacts(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
