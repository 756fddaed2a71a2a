"""A small CRM and a few conversations, made by hand as the tables that links, facts and views read.

Says only what a test says; every other column is null or the plainest value. Times are naive UTC. Nothing is derived: a merged or deleted
record is told as the dimensions would show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.audit import link_expectation
from genesys_crm_assets.dimensions import date as calendar
from genesys_crm_assets.dimensions import (
    genesys_agent,
    genesys_location,
    genesys_queue,
    genesys_skill,
    genesys_team,
    genesys_wrapup_code,
    salesforce_account,
    salesforce_case,
    salesforce_contact,
    salesforce_opportunity,
    salesforce_user,
)
from genesys_crm_assets.facts import anonymous_interactions, customer_interactions, interaction_links, quarantine_interactions
from genesys_crm_assets.lake.table import LAYERS, Table, arrow_schema
from genesys_crm_assets.marts import unified_interactions
from genesys_crm_assets.staging import genesys_external_contacts, genesys_metrics, record_ids, salesforce_field_history
from genesys_crm_assets_tests import running

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12)  # noqa: DTZ001 - as DuckDB's timestamps are
FIVE_MINUTES = timedelta(minutes=5)
LONG_AGO = datetime(2026, 1, 1)  # noqa: DTZ001 - likewise

DIMENSIONS: Mapping[str, Table] = {
    "case": salesforce_case.TABLE,
    "account": salesforce_account.TABLE,
    "contact": salesforce_contact.TABLE,
    "opportunity": salesforce_opportunity.TABLE,
    "user": salesforce_user.TABLE,
}
LISTED = tuple(
    module.TABLE for module in (genesys_queue, genesys_agent, genesys_wrapup_code, genesys_skill, genesys_team, genesys_location)
)
"""What listings of Genesys tell."""

FACTS = {
    interaction_links.TABLE: interaction_links.BODY,
    customer_interactions.TABLE: customer_interactions.BODY,
    anonymous_interactions.TABLE: anonymous_interactions.BODY,
    quarantine_interactions.TABLE: quarantine_interactions.BODY,
}
_PREFIXES = {"case": "500", "account": "001", "contact": "003", "opportunity": "006", "user": "005"}


def an_id(entity: str, number: int) -> str:
    """The 18-character id of the numbered record of an entity."""
    found = record_ids.long_id(f"{_PREFIXES[entity]}Wy{number:010d}")
    assert found is not None
    return found


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def reached(field_name: str, *told: str) -> list[dict[str, str]]:
    """Numbers or addresses as a contact's lists have them, already normalised."""
    return [{"field": field_name, "told": value, "normalised": value} for value in told]


@dataclass
class World:
    """Tables as lists of rows, by contract; settings as told variables, over the defaults."""

    told: dict[str, str] = field(default_factory=dict)
    own_numbers: tuple[str, ...] = ()
    escalated_case_field: str = ""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def record(self, entity: str, number: int, versions: tuple[tuple[datetime, dict[str, Any]], ...] = (), /, **values: Any) -> str:
        """A record of an entity and its versions: moments and what changed at them. `ended` closes the last; returns the id."""
        made = an_id(entity, number)
        created, ended = values.pop("created_at", LONG_AGO), values.pop("ended", None)
        whole = {"created_at": created, "is_deleted": ended is not None, "surviving_id": None if ended else made, **values}
        begun = [(created, {}), *versions]
        for place, (valid_from, changed) in enumerate(begun):
            valid_to = begun[place + 1][0] if place + 1 < len(begun) else ended
            whole = {**whole, **changed}
            key = f"{entity}|{number}|{valid_from.isoformat()}"
            version = {"version_key": key, f"{entity}_id": made, "valid_from": valid_from, "valid_to": valid_to}
            self._add(DIMENSIONS[entity], {**whole, **version, "is_current": valid_to is None, "change_source": "created"})
        return made

    def contact(self, number: int = 1, *versions: tuple[datetime, dict[str, Any]], **values: Any) -> str:
        return self.record("contact", number, versions, **values)

    def account(self, number: int = 1, *versions: tuple[datetime, dict[str, Any]], **values: Any) -> str:
        return self.record("account", number, versions, **values)

    def case(self, number: int = 1, *versions: tuple[datetime, dict[str, Any]], **values: Any) -> str:
        return self.record("case", number, versions, **values)

    def opportunity(self, number: int = 1, *versions: tuple[datetime, dict[str, Any]], **values: Any) -> str:
        return self.record("opportunity", number, versions, **values)

    def user(self, number: int = 1, *versions: tuple[datetime, dict[str, Any]], **values: Any) -> str:
        return self.record("user", number, versions, **values)

    def listed(self, table: Table, made: str, *names: str | tuple[datetime, str | None] | None, **values: Any) -> str:
        """A thing of Genesys and its name; or, of a queue or an agent, its names with the moments they begin. Returns the id."""
        word = f"{table.name.removeprefix('dim_genesys_')}_id"
        for place, told in enumerate(names):
            if "valid_from" not in {column.name for column in table.columns}:
                self._add(table, {word: made, "name": told})
                continue
            begun, name = told if isinstance(told, tuple) else (LONG_AGO, told)
            following = names[place + 1] if place + 1 < len(names) else None
            valid_to = following[0] if isinstance(following, tuple) else None
            span = {"valid_from": begun, "valid_to": valid_to, "is_current": valid_to is None, "change_source": "observed"}
            self._add(table, {"version_key": f"{word}|{made}|{begun}", word: made, "name": name, **span, **values})
        return made

    def change(self, case_id: str, at: datetime, **values: Any) -> None:
        """A row of the case's field history."""
        told = {"object": "Case", "record_id": case_id, "field": "Status", "old_value": "New", "new_value": "Working", "created_at": at}
        self._add(salesforce_field_history.TABLE, {"history_id": str(len(self.rows)), **told, **values})

    def external_contact(self, told: str, names: str | None, **values: Any) -> str:
        """What Genesys answered about an external contact; returns the id it was told by."""
        plain = {"canonical_id": told, "is_deleted": False, "received_at": NOON}
        self._add(genesys_external_contacts.TABLE, {"external_contact_id": told, "crm_contact_id": names, **plain, **values})
        return told

    def interaction(self, name: str = "one", start: datetime = NOON, lasting: timedelta | None = FIVE_MINUTES, **values: Any) -> str:
        """A staged conversation; open where `lasting` is None."""
        end = None if lasting is None else start + lasting
        plain = {"abandoned": False, "transferred": False, "was_escalated": False, "handled_by_bot_only": False, "is_provisional": False}
        times = {"conversation_id": name, "conversation_start": start, "conversation_end": end, "handle_time_ms": 60_000}
        self._add(genesys_metrics.TABLE, {**plain, **times, "record_sha256": "0" * 64, **values})
        return name

    def connection(self) -> duckdb.DuckDBPyConnection:
        """The session of a body: every upstream of the links and the facts, and the settings."""
        engine = duckdb.connect(":memory:")
        engine.execute("set timezone = 'UTC'")
        for layer in LAYERS:
            engine.execute(f"create schema {layer}")
        for table in (
            *DIMENSIONS.values(),
            salesforce_field_history.TABLE,
            genesys_metrics.TABLE,
            genesys_external_contacts.TABLE,
            *LISTED,
        ):
            lay(engine, table, self.rows.get(table.name, []))
        words = {**{name: getattr(mapping.read(), name) for name in mapping.Mapping.__dataclass_fields__}}
        words |= {"own_numbers": self.own_numbers, "escalated_case_field": self.escalated_case_field}
        engine.register(
            "settings_row", settings.row(lambda name: self.told.get(name) or settings.DEFAULTS[name] or "", mapping.Mapping(**words))
        )
        engine.execute("create table audit.settings as select * from settings_row")
        return engine

    def links(self) -> dict[str, dict[str, Any]]:
        """The links by interaction, proved."""
        with self.connection() as engine:
            found = running.rows(interaction_links.BODY, engine, DAY)
            assert all(running.verdicts(interaction_links.TABLE, interaction_links.BODY, engine, found, DAY).values())
        assert len({row["interaction_id"] for row in found}) == len(found)
        return {row["interaction_id"]: row for row in found}

    def link(self) -> dict[str, Any]:
        """The link of the world's only interaction."""
        (found,) = self.links().values()
        return found

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """A connection with links, facts and quarantine built and laid, as views see them; every interaction must begin on `DAY`."""
        engine = self.connection()
        for table, body in FACTS.items():
            found = running.rows(body, engine, DAY)
            assert all(running.verdicts(table, body, engine, found, DAY).values())
            lay(engine, table, found)
        return engine

    def marts(self, **days: bool) -> duckdb.DuckDBPyConnection:
        """The warehouse with `link_expectation`, a `data_status` made by hand and `unified_interactions` over it.

        A day is named for how many days before `DAY` it is, as in `ago_1=True`: whether it is biased. Every day named is final.
        """
        engine = self.warehouse()
        engine.execute("create table audit.data_status (day_utc date, is_final boolean, is_biased boolean)")
        for name, is_biased in (days or {"ago_0": False}).items():
            day = DAY - timedelta(days=int(name.removeprefix("ago_")))
            engine.execute("insert into audit.data_status values ($day, true, $is_biased)", {"day": day, "is_biased": is_biased})
        engine.execute(f"create view dimensions.dim_date as select {calendar.TABLE.casts()} from ({calendar.BODY.sql})")
        engine.execute(f"create view audit.link_expectation as {link_expectation.BODY.sql}")
        engine.execute(f"create view marts.unified_interactions as {unified_interactions.BODY.sql}")
        return engine

    def unified(self, name: str = "one") -> dict[str, Any]:
        """One row of `unified_interactions`."""
        with self.marts() as engine:
            (found,) = running.dicts(
                engine.execute("select * from marts.unified_interactions where interaction_id = $name", {"name": name})
            )
        return found

    def fact(self, table: Table, name: str = "one") -> dict[str, Any]:
        """One row of one of the tables built from the links."""
        with self.warehouse() as engine:
            (found,) = running.dicts(engine.execute(f"select * from {table.qualified} where interaction_id = $name", {"name": name}))
        return found

    def _add(self, table: Table, row: dict[str, Any]) -> None:
        unknown = set(row) - {column.name for column in table.columns}
        assert not unknown - {"master_record_id"}, f"{table.name} has no {unknown}"
        self.rows.setdefault(table.name, []).append(row)


def lay(engine: duckdb.DuckDBPyConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows as a table of the warehouse, with its provenance and, where it has days, its `day_utc`."""
    loaded = [{"loaded_at": NOON, "run_id": "a run", **row} for row in rows]
    engine.register("laid", pa.Table.from_pylist(loaded, schema=arrow_schema(table)))
    day = f", date '{DAY.isoformat()}' as day_utc" if table.daily else ""
    engine.execute(f"create table {table.qualified} as select *{day} from laid")
    engine.unregister("laid")
