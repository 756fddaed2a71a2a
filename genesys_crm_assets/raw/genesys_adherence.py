"""One row per downloaded result of the adherence job of a UTC day: how well agents kept to their schedules, verbatim.

Read daily for every management unit that `raw_genesys_reference` lists now; each result is of one unit, and of the day under way says what
is known up to 15 minutes ago. The links that results are fetched by are signed and stand nowhere.
Absent are units that are no longer listed, agents without a schedule, and, where `SOURCES_ABSENT` names `adherence`, everything. Where it
does not, and nobody ever listed the units, nothing is landed: which results are missing would not be known.
Do not count agents here: one who changed units within the day may stand in two results. `fact_agent_adherence` has each once.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import dagster as dg
import msgspec

from genesys_crm_assets import graph, partitions, walk
from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import UpstreamMissing
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import genesys_reference, licences, pages, windows
from genesys_crm_assets.resources import GenesysCloud, Lake
from genesys_crm_assets.sources.errors import UnexpectedShape
from genesys_crm_assets.sources.genesys.adherence import FEED
from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.genesys.reference import entities_of
from genesys_crm_assets.sources.paging import Page

TABLE = Table(name="raw_genesys_adherence", layer="raw", description=__doc__, key=("page",), columns=pages.COLUMNS)
BODY = Body(reads=(), proofs=(pages.LEDGER_IS_CLOSED,))

SOURCE = "adherence"

_NOT_YET = "the day began less than 15 minutes ago"
_NO_UNITS = "no management unit is listed"


@graph.asset(TABLE, BODY, kinds={"genesys", "parquet"}, deps=[genesys_reference.raw_genesys_reference])
def raw_genesys_adherence(context: dg.AssetExecutionContext, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""
    with genesys.client() as client:

        def step(builder: Builder, day: date) -> list[walk.Made]:
            return [land(lake, client, builder, day)]

        (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(lake: Lake, client: Genesys, builder: Builder, day: date) -> walk.Made:
    """Ask for the adherence of one UTC day and write the results aside.

    An empty object where nothing of the day is known yet, where no management unit is listed, and where the source is declared absent; the
    figure `nothing_asked` says which. Undeclared, a refusal raises `PermissionMissing`, which names the permission and the variable, and a
    listing of the units that was never kept `UpstreamMissing`.
    """
    papers = licences.papers(SOURCE, lake.absent)
    window = windows.of_day(day, lake.environment.now())
    units = [] if papers or window.is_empty else management_units(lake)

    def asked(resume: str | None) -> Iterator[Page]:
        return client.adherence(units, start=window.start, end=window.end, resume=resume)

    about = json.dumps({"day": day.isoformat(), "end": window.end.isoformat(), "units": units})
    chapters = [pages.Chapter(FEED, asked)] if units else []
    with licences.needed(SOURCE):
        made = pages.land(lake, builder, TABLE, day, about=about, chapters=chapters, papers=papers)
    why = f"SOURCES_ABSENT names {SOURCE}" if papers else _NOT_YET if window.is_empty else _NO_UNITS
    said = {"management_units": len(units), "read_until": window.end.isoformat(), **({} if units else {"nothing_asked": why})}
    return replace(made, figures={**made.figures, **said})


class _Unit(msgspec.Struct):
    id: str


def management_units(lake: Lake) -> list[str]:
    """The ids of the management units as they were last listed, in order.

    Raises `UpstreamMissing` where no listing of them was ever kept: that there are none would not be known.
    """
    name = genesys_reference.TABLE.name
    if not lake.storage.exists(layout.object_key(genesys_reference.TABLE, None)):
        raise UpstreamMissing(f"{name} is not there; materialise it first, it lists the management units")
    bodies = genesys_reference.latest(lake, genesys_reference.MANAGEMENT_UNITS)
    if not bodies and genesys_reference.SOURCE in lake.absent:
        declared = f"SOURCES_ABSENT names {genesys_reference.SOURCE}, so nobody lists the management units"
        raise UpstreamMissing(f"{declared}; name {SOURCE} there too, or take {genesys_reference.SOURCE} out of it")
    if not bodies:
        lacking = f"{name} holds no listing of management units: Genesys answered that the org has none (404), or was not asked"
        raise UpstreamMissing(
            f"{lacking}; materialise {name} again, or name {SOURCE} in SOURCES_ABSENT where the org has no licence for it"
        )
    try:
        return sorted({msgspec.json.decode(told, type=_Unit).id for body in bodies for told in entities_of(body)})
    except msgspec.MsgspecError as odd:
        raise UnexpectedShape(f"a management unit is not listed in the documented shape ({odd})") from None
