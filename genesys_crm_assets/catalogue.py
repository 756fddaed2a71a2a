"""Every table of the house, found by walking its rooms: a module that has a contract and a body beside it is a table.

Not here: what a table is (`lake.table`) or how it is loaded into Dagster (`definitions`).
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType

from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.lake.warehouse import Catalogue


def of(rooms: Iterable[ModuleType]) -> Catalogue:
    """The contracts and bodies of all modules of the rooms."""
    found: dict[str, tuple[Table, Body]] = {}
    for room in rooms:
        for module in modules(room):
            body: object = getattr(module, "BODY", None)
            tables = [
                value for value in vars(module).values() if isinstance(value, Table) and value.layer == room.__name__.rpartition(".")[2]
            ]
            for table in tables if isinstance(body, Body) else ():
                found.setdefault(table.name, (table, _body_of(module, table)))
    return Catalogue(tuple(found.values()))


def _body_of(module: ModuleType, table: Table) -> Body:
    """A module with a second output has a second body of its name."""
    names = [name for name, value in vars(module).items() if value is table]
    body: Body = getattr(module, f"{names[0]}_BODY", module.BODY)
    return body


def modules(room: ModuleType) -> Iterator[ModuleType]:
    """The modules of a room."""
    for entry in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        yield importlib.import_module(entry.name)
