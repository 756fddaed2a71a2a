"""Where an object lies in the lake: names in, keys out; nothing but checked names ever becomes a path (F-64).

Keys are relative to `LAKE_URL`, with `/` between parts. Not here: reading or writing them (`storage`).
"""

import re
from datetime import date

from genesys_crm_assets.lake.errors import LocationRefused
from genesys_crm_assets.lake.table import Table

CONTRACT_DAY = date(1, 1, 1)
"""The partition of the zero-row contract file: an empty table is a table."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_DAY = re.compile(r"year=(\d{4})/month=(\d{2})/day=(\d{2})/")


def folder(table: Table) -> str:
    """`<layer>/<table>`; `LocationRefused` for a name that is not plain snake_case."""
    for part in (table.layer, table.name):
        if not _NAME.fullmatch(part):
            raise LocationRefused(f"{part!r} cannot name a folder of the lake; use lower-case letters, digits and underscores")
    return f"{table.layer}/{table.name}"


def object_key(table: Table, day: date | None) -> str:
    """The key of a table's object for a day, zero-padded Hive parts; without a day that of a table without partitions."""
    if day is None:
        return f"{folder(table)}/{table.name}.parquet"
    return f"{folder(table)}/year={day.year:04d}/month={day.month:02d}/day={day.day:02d}/{table.name}.parquet"


def day_of(key: str) -> date | None:
    """The day a key belongs to; None for the object of a table without partitions."""
    match = _DAY.search(key)
    return date(*map(int, match.groups())) if match else None


def pattern(table: Table) -> str:
    """The glob that matches every finished object of a table and its contract file."""
    middle = "year=*/month=*/day=*" if table.daily else "**"
    return f"{folder(table)}/{middle}/{table.name}.parquet"
