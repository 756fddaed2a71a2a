"""One row per release of a product: when it went out.

Built from the last observation in `raw_salesforce_releases`, the whole list as it was last seen: what vanishes from the list vanishes here. A
moment told without a zone is taken for UTC, a date alone for its 00:00 UTC. A release that went out at two moments is two releases; one that
is listed twice alike is one. Without a list the table is empty.
Do not take `released_at` for the moment customers had it: it is what the list says.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb
import msgspec
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Read, sql_beside
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import salesforce_releases

TABLE = Table(
    name="dim_product_release",
    layer="dimensions",
    description=__doc__,
    key=("release", "product", "released_at"),
    daily=False,
    columns=(
        Column("release", "varchar", "Name of the release.", required=True, comes_from=("raw_salesforce_releases.body",)),
        Column(
            "product",
            "varchar",
            "The product it is a release of; null where the list names none.",
            comes_from=("raw_salesforce_releases.body",),
        ),
        Column("released_at", "timestamp", "When it was released, UTC.", required=True, comes_from=("raw_salesforce_releases.body",)),
    ),
)

_HEADER = ("release", "product", "released_at")
_LAST_OBSERVATION = sql_beside(__file__)

_Told = tuple[str, Mapping[str, Any]]
"""Where an entry stands in the list, in words, and its values under the names of the CSV's header."""


def rows(session: duckdb.DuckDBPyConnection, _day: Day) -> pa.Table:
    """The releases of the last observation. Raises `ContractBroken`, naming the place in the list, for an entry that cannot be read."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    number = 0
    for feed, page, release_field, product_field, moment_field in session.execute(_LAST_OBSERVATION).fetchall():
        fields = (release_field, product_field, moment_field)
        entries = _lines(page) if feed == salesforce_releases.CSV else _records(page, fields, number)
        for place, told in entries:
            number += 1
            release = _release(place, told)
            found[tuple(release.values())] = release
    return pa.Table.from_pylist(list(found.values()), schema=body_schema(TABLE))


def _lines(body: bytes) -> Iterator[_Told]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ContractBroken("the release list is not UTF-8; save it as CSV in UTF-8") from problem
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        missing = [name for name in _HEADER if header.count(name) != 1]
        if missing:
            raise ContractBroken(
                f"the first line of the release list does not name {', '.join(missing)} once; write release,product,released_at there"
            )
        for row in reader:
            if any(cell.strip() for cell in row):
                yield f"the entry that ends in line {reader.line_num}", dict(zip(header, row, strict=False))
    except csv.Error as problem:
        raise ContractBroken(f"line {reader.line_num} of the release list is no CSV ({problem}); mend its quotes") from problem


def _records(body: bytes, fields: tuple[str | None, ...], before: int) -> Iterator[_Told]:
    for number, record in enumerate(msgspec.json.decode(body)["records"], before + 1):
        missing = [field for field in fields if field and field not in record]
        if missing:
            raise ContractBroken(
                f"record {number} of the release list has no {', '.join(missing)}; select it in [releases] soql, or correct the mapping's name"
            )
        yield f"record {number}", {name: record[field] for name, field in zip(_HEADER, fields, strict=True) if field}


def _release(place: str, told: Mapping[str, Any]) -> dict[str, Any]:
    release, product = _text(told.get("release")), _text(told.get("product"))
    if release is None:
        raise ContractBroken(f"{place} of the release list names no release; name it or take the entry out")
    return {"release": release, "product": product, "released_at": _moment(place, release, told.get("released_at"))}


def _text(told: Any) -> str | None:
    return str(told).strip() or None if told is not None else None


def _moment(place: str, release: str, told: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(told).strip())
        utc = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError) as problem:
        raise ContractBroken(
            f"{place} of the release list, {release[:80]!r}, says no moment; write released_at as 2026-11-03T14:00:00Z"
        ) from problem
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


BODY = Body(reads=(Read(salesforce_releases.TABLE),), python=rows)


@graph.asset(TABLE, BODY)
def dim_product_release(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
