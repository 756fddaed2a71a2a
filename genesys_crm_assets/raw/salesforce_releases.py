"""One row per page of the release list as observed: the bytes of a CSV file, or a page of a SOQL query's answer, as the mapping says.

Read whole on every run and kept when it differs from what was last kept. Without a list in the mapping, or with `releases` among
`SOURCES_ABSENT`, nothing is asked: the table holds what was observed before, or nothing. Deleted records are absent.
Do not count releases here: every observation is the whole list again. `dim_product_release` has the releases of the last one.
"""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import dagster as dg

from genesys_crm_assets import graph, mapping, walk
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import licences, observations
from genesys_crm_assets.resources import Lake, Salesforce
from genesys_crm_assets.sources.paging import Page, request_text
from genesys_crm_assets.sources.salesforce.org import SalesforceOrg
from genesys_crm_assets.sources.salesforce.walk import FEED as SOQL

SOURCE = "releases"
CSV = "releases_csv"
"""The feed of a page that is a file's bytes; pages of a query carry `salesforce_query`."""

TABLE = Table(
    name="raw_salesforce_releases",
    layer="raw",
    description=__doc__,
    key=("observation", "page"),
    columns=observations.COLUMNS,
    daily=False,
)
BODY = Body(reads=(), proofs=(observations.OBSERVATIONS_ARE_CLOSED,))

_UNLISTED = "the mapping names no list: name a file in [releases] csv or a query in [releases] soql"
_ABSENT = "SOURCES_ABSENT names releases"


@graph.asset(TABLE, BODY, kinds={"salesforce", "parquet"})
def raw_salesforce_releases(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See the module."""
    return walk.once(context, lake, TABLE, lambda builder: land(lake, salesforce, builder))


def land(lake: Lake, salesforce: Salesforce, builder: Builder) -> walk.Made:
    """Observe the list that the mapping names and write the table aside; the org is spoken to only where it names a query."""
    words, papers = lake.environment.words(), licences.papers(SOURCE, lake.absent)
    if papers or not (words.releases_csv or words.releases_soql):
        made = observations.gain(lake, builder, TABLE, [], papers)
        return walk.Made(made.aside, {**made.figures, "nothing_asked": _ABSENT if papers else _UNLISTED})
    if words.releases_csv:
        return observations.gain(lake, builder, TABLE, [observations.Listing(CSV, lambda: [_file(lake, words)], (SOQL,))])
    with salesforce.client() as client, licences.needed(SOURCE):
        return observations.gain(lake, builder, TABLE, [observations.Listing(SOQL, _query(client, words.releases_soql), (CSV,))])


def _query(client: SalesforceOrg, text: str) -> Callable[[], Iterator[Page]]:
    return lambda: client.query(text, include_deleted=False)


def _file(lake: Lake, words: mapping.Mapping) -> Page:
    try:
        body = lake.environment.from_home(words.releases_csv).read_bytes()
    except (OSError, ValueError) as problem:
        said = getattr(problem, "strerror", None) or type(problem).__name__
        raise mapping.MappingRefused(
            f"the release list {words.releases_csv} cannot be read ({said}); correct [releases] csv in the mapping, "
            "a path of this machine or one relative to DAGSTER_HOME"
        ) from problem
    return _page(words.releases_csv, body, lake.environment.now())


def _page(name: str, body: bytes, received_at: datetime) -> Page:
    return Page(
        number=1,
        feed=CSV,
        request=request_text("READ", name, {}),
        cursor=None,
        body=body,
        record_count=_records(body),
        received_at=received_at,
        attempts=1,
        waited_ms=0,
        data_available_until=None,
        checkpoint=None,
        is_last=True,
    )


def _records(body: bytes) -> int:
    """Records after the header, as far as they can be told apart; what they say is read in the dimension."""
    text = io.StringIO(body.decode("utf-8-sig", errors="replace"), newline="")
    found = 0
    with suppress(csv.Error):
        for row in csv.reader(text):
            found += any(cell.strip() for cell in row)
    return max(found - 1, 0)
