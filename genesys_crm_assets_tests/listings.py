"""A centre's listings told by hand, as they were observed, and what staging and the dimensions make of them. Not here: what a test expects."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import ModuleType
from typing import Any

from genesys_crm_assets.raw import genesys_reference as raw
from genesys_crm_assets.staging import genesys_reference as staged
from genesys_crm_assets_tests import builders, running

Row = dict[str, Any]

START = datetime(2026, 1, 1)  # noqa: DTZ001 - DuckDB's timestamps are UTC without saying so


def thing(thing_id: str, name: str | None = "Sales", division: str | None = "Home", **fields: Any) -> Row:
    """An entity of a listing."""
    about = {} if division is None else {"division": {"id": f"d-{division}", "name": division}}
    return {"id": thing_id, **({} if name is None else {"name": name}), **about, **fields}


def user(thing_id: str, name: str = "Ann", state: str | None = "active", **fields: Any) -> Row:
    """An entity of the listing of users."""
    return thing(thing_id, name, **({} if state is None else {"state": state}), **fields)


class Listings:
    """What was observed, in that order, and what follows from it."""

    def __init__(self, start: date = date(2026, 1, 1)) -> None:
        self.pages: list[Row] = []
        self.engine = builders.engine(start_date=start)

    def observe(self, at: datetime, entities: Iterable[Any], listing: str = "queues", *, per_page: int = 2) -> None:
        """A whole listing, kept at a moment."""
        told = [json.dumps(entity).encode() if not isinstance(entity, bytes) else entity for entity in entities]
        self.tell(at, [told[place : place + per_page] for place in range(0, len(told), per_page)] or [[]], listing)

    def tell(self, at: datetime, parts: list[list[bytes]], listing: str = "queues") -> None:
        """The same, page by page."""
        number = 1 + max((page["observation"] for page in self.pages), default=0)
        for place, part in enumerate(parts, 1):
            body = b'{"entities": [' + b", ".join(part) + b"]}"
            about = {"listing": listing, "observation": number, "page": place, "feed": "reference", "request": "{}", "received_at": at}
            rest = {"is_last": place == len(parts), "record_count": len(part), "attempts": 1, "waited_ms": 0, "run_id": "a run"}
            self.pages.append({**about, **rest, "body": body, "body_sha256": hashlib.sha256(body).hexdigest()})

    def staged(self) -> list[Row]:
        """The rows of `staging_genesys_reference`, by key."""
        builders.hold(self.engine, raw.TABLE, self.pages)
        found = running.rows(staged.BODY, self.engine)
        return sorted(found, key=lambda row: (row["listing"], row["thing_id"], row["observed_on"]))

    def staged_proof(self, written: list[Row]) -> Mapping[str, Any]:
        """What the proof of `staging_genesys_reference` says of rows."""
        assert running.verdicts(staged.TABLE, staged.BODY, self.engine, written)
        (found,) = running.dicts(self.engine.execute(staged.BODY.proofs[0].sql))
        return found

    def rows(self, dimension: ModuleType) -> list[Row]:
        """The rows of a dimension, by thing and beginning."""
        builders.hold(self.engine, staged.TABLE, self.staged())
        found = running.rows(dimension.BODY, self.engine)
        return sorted(found, key=lambda row: [str(row[name]) for name in (*dimension.BODY.order, *dimension.TABLE.key)])

    def broken(self, dimension: ModuleType, written: list[Row] | None = None) -> list[str]:
        """The proofs of a dimension that do not hold of its rows, or of others."""
        found = self.rows(dimension)
        verdicts = running.verdicts(dimension.TABLE, dimension.BODY, self.engine, found if written is None else written)
        return [name for name, holds in verdicts.items() if not holds]
