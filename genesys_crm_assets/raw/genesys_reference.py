"""One row per page of a listing as observed: queues, users, wrap-up codes, skills, teams, locations, management units, verbatim.

Read whole on every run; an observation is a whole listing, kept when any of its pages differs from the last one kept of it, and never lost
again. Counts inside the pages, such as a queue's members, make a page differ too.
Absent is what the OAuth client may not see (divisions), a listing that the org answers with 404, and, where `SOURCES_ABSENT` names `teams`,
`locations` or `adherence`, teams, locations or management units. Where it names `reference`, nothing is asked.
Do not read the present from here, nor that a thing is gone: `staging_genesys_reference` says what was listed when, the dimensions since when.
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from genesys_crm_assets import graph, walk
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import ShrinkRefused
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import licences, observations
from genesys_crm_assets.resources import GenesysCloud, Lake
from genesys_crm_assets.sources.errors import RequestRejected
from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.genesys.reference import LISTINGS, Listing, entities_of
from genesys_crm_assets.sources.paging import Page

TABLE = Table(
    name="raw_genesys_reference",
    layer="raw",
    description=__doc__,
    key=("observation", "page"),
    columns=(observations.LISTING, *observations.COLUMNS),
    daily=False,
)
BODY = Body(reads=(), proofs=(observations.OBSERVATIONS_ARE_CLOSED,))

SOURCE = "reference"
LISTINGS_ABSENT = "listings_absent"
"""The paper and the figure that name the listings which `SOURCES_ABSENT` kept from being asked for."""

MANAGEMENT_UNITS = "management_units"

_WITH_HISTORY = ("queues", "users")
"""Listings whose absentees are inactive from then on (§6.4); an empty one would end them all."""

_SOURCE_OF = {MANAGEMENT_UNITS: "adherence", "teams": "teams", "locations": "locations"}
"""What `SOURCES_ABSENT` calls a listing that an org may lack or hide while it tells the others."""

_NOT_FOUND = 404


@graph.asset(TABLE, BODY, kinds={"genesys", "parquet"})
def raw_genesys_reference(context: dg.AssetExecutionContext, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""
    with genesys.client() as client:
        return walk.once(context, lake, TABLE, partial(land, lake, client))


def land(lake: Lake, client: Genesys, builder: Builder) -> walk.Made:
    """Observe every listing and write the table aside.

    Raises `ShrinkRefused` for queues or users that were listed before and are none now, `PermissionMissing` for a listing that the client
    may not read and `SOURCES_ABSENT` does not excuse.
    """
    papers = licences.papers(SOURCE, lake.absent)
    declared = [name for name in LISTINGS if papers or _SOURCE_OF.get(name) in lake.absent]
    read = {name: _whole(lake, client, listing) for name, listing in LISTINGS.items() if name not in declared}
    there = [observations.Listing(name, partial(iter, found)) for name, found in read.items() if found]
    made = observations.gain(lake, builder, TABLE, there, {**papers, LISTINGS_ABSENT: ", ".join(declared)})
    lacking = [name for name, found in read.items() if not found]
    said = {"listings_read": len(there), "listings_not_there": ", ".join(lacking) or "none", LISTINGS_ABSENT: ", ".join(declared) or "none"}
    return walk.Made(made.aside, {**made.figures, **said, **({"nothing_asked": f"SOURCES_ABSENT names {SOURCE}"} if papers else {})})


def latest(lake: Lake, listing: str) -> list[bytes]:
    """The bodies of the pages of a listing as it was last kept, in sequence; none where it was never read. `entities_of` splits them."""
    return observations.newest(lake, TABLE, listing)


def _whole(lake: Lake, client: Genesys, listing: Listing) -> list[Page]:
    """Every page of a listing; none where the org has no such door, which has not happened before."""
    asked = observations.Listing(listing.name, partial(client.reference, listing.name))
    with licences.needed(_SOURCE_OF.get(listing.name, SOURCE)):
        try:
            found = observations.whole(asked)
        except RequestRejected as refused:
            # A door that was there before and is not now is trouble, and no reason to forget what it told.
            if refused.status != _NOT_FOUND or not listing.may_lack or latest(lake, listing.name):
                raise
            return []
    if listing.name in _WITH_HISTORY and not any(page.record_count for page in found):
        _guard(lake, listing)
    return found


def _guard(lake: Lake, listing: Listing) -> None:
    before = sum(1 for _ in _entities(latest(lake, listing.name)))
    if before:
        raise ShrinkRefused(
            f"the listing {listing.name} holds none of the {before} it held before; give the OAuth client's role its divisions back, "
            "or look for an org that was exchanged, and run again"
        )


def _entities(bodies: list[bytes]) -> Iterator[bytes]:
    return (entity for body in bodies for entity in entities_of(body))
