"""Conversations made by hand: valid by default, one keyword to spoil or to change each. Specimens of our own, in the vendor's shapes."""

import hashlib
import json
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.lake.table import Table, body_schema

DAY = "2026-11-03"
QUEUE = "11111111-1111-4111-8111-111111111111"
AGENT = "22222222-2222-4222-8222-222222222222"
CODE = "33333333-3333-4333-8333-333333333333"
CONTACT = "44444444-4444-4444-8444-444444444444"


def utc(told: str) -> datetime:
    """A time as DuckDB's timestamps are: UTC without saying so."""
    return datetime.fromisoformat(told)


class _Absent:
    """Says that a field is left out."""


ABSENT = _Absent()


def at(clock: str, day: str = DAY) -> str:
    """A time as Genesys tells it: `10:00` or `10:00:05.250` of a day, UTC."""
    whole = clock if clock.count(":") == 2 else f"{clock}:00"
    return f"{day}T{whole if '.' in whole else whole + '.000'}Z"


TEN, FIVE_PAST = at("10:00"), at("10:05")


def present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not isinstance(value, _Absent)}


def metric(name: str, value: Any = 1, emitDate: Any = FIVE_PAST, **more: Any) -> dict[str, Any]:  # noqa: N803 - the vendor's names
    return present({"name": name, "value": value, "emitDate": emitDate, **more})


def segment(segmentType: Any = "interact", start: Any = TEN, end: Any = FIVE_PAST, **more: Any) -> dict[str, Any]:  # noqa: N803 - likewise
    return present({"segmentType": segmentType, "segmentStart": start, "segmentEnd": end, **more})


def session(*, segments: Any = (), metrics: Any = (), mediaType: Any = "voice", direction: Any = "inbound", **more: Any) -> dict[str, Any]:  # noqa: N803 - likewise
    told = {"mediaType": mediaType, "direction": direction, **more}
    return present({**told, **({"segments": list(segments)} if segments else {}), **({"metrics": list(metrics)} if metrics else {})})


def participant(purpose: Any, *sessions: Any, **more: Any) -> dict[str, Any]:
    return present({"purpose": purpose, "sessions": list(sessions), **more})


def customer(*sessions: Any, **more: Any) -> dict[str, Any]:
    return participant("customer", *(sessions or (session(ani="tel:+12025550111"),)), **more)


def agent(*sessions: Any, userId: Any = AGENT, **more: Any) -> dict[str, Any]:  # noqa: N803 - likewise
    return participant("agent", *sessions, userId=userId, **more)


def talk(seconds: int = 300, *, queue: Any = QUEUE, metrics: Any = (), start: str = TEN) -> dict[str, Any]:
    """An agent's session that was answered, talked for some seconds, and was wrapped up."""
    told = [metric("tTalk", seconds * 1000), metric("tAcw", 30_000), metric("tHandle", seconds * 1000 + 30_000), *metrics]
    parts = [segment(start=start, queueId=queue), segment("wrapup", start=at("10:05"), end=at("10:05:30"), queueId=queue, wrapUpCode=CODE)]
    return session(segments=parts, metrics=told)


def conversation(**changes: Any) -> dict[str, Any]:
    """A call that waited, was answered and wrapped up; a keyword puts a field in the place of its own, `ABSENT` leaves it out."""
    waiting = session(
        segments=[segment(queueId=QUEUE)], metrics=[metric("nOffered", 1, at("10:00")), metric("tAcd", 30_000, at("10:00:30"))]
    )
    told = {
        "conversationId": "c0000000-0000-4000-8000-000000000001",
        "conversationStart": at("10:00"),
        "conversationEnd": at("10:06"),
        "originatingDirection": "inbound",
        "divisionIds": ["d0000000-0000-4000-8000-000000000001"],
        "participants": [customer(externalContactId=CONTACT), participant("acd", waiting), agent(talk())],
        "selfServed": False,
    }
    return present(told | changes)


def record(told: Any = None, **changes: Any) -> bytes:
    """The bytes of a conversation, or of anything told in its place."""
    return json.dumps(conversation(**changes) if told is None else told, ensure_ascii=False).encode()


def page(
    *records: bytes,
    number: int = 1,
    feed: str = "conversation_jobs",
    received: str = "2026-11-05T01:00",
    until: str | None = "2026-11-05T00:00",
) -> dict[str, Any]:
    """A row of `raw_genesys_interactions` that holds the records as told."""
    body = b'{"conversations": [' + b", ".join(records) + b'], "cursor": "n"}'
    return {
        "page": number,
        "feed": feed,
        "body": body,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "record_count": len(records),
        "received_at": utc(received),
        "data_available_until": utc(until) if until else None,
    }


def telling(told: bytes, raw_day: str = DAY, number: int = 1, position: int = 1, **page_said: Any) -> dict[str, Any]:
    """A row of `staging_genesys_tellings` as a session shows it."""
    said = page(told, number=number, **page_said)
    fields = json.loads(told)
    return {
        "conversation_id": fields["conversationId"],
        "start_day": datetime.fromisoformat(fields["conversationStart"]).date(),
        "page": number,
        "position": position,
        "record_sha256": hashlib.sha256(told).hexdigest(),
        "record": told,
        "day_utc": datetime.fromisoformat(raw_day).date(),
        **{name: said[name] for name in ("feed", "received_at", "data_available_until")},
    }


def engine(**words: Any) -> duckdb.DuckDBPyConnection:
    """An empty DuckDB with the house's schemas and the default settings, some of them changed."""
    row = settings.row(lambda name: settings.DEFAULTS.get(name) or "", mapping.read(mapping.PACKAGED)).to_pylist()[0]
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for layer in ("raw", "staging", "dimensions", "facts", "marts", "audit"):
        connection.execute(f"create schema {layer}")
    connection.register("settings_row", pa.Table.from_pylist([row | words], schema=body_schema(settings.SETTINGS)))
    connection.execute("create table audit.settings as select * from settings_row")
    return connection


def hold(connection: duckdb.DuckDBPyConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Let a session see these rows as a table; columns that are not told are null, and daily tables have `day_utc`."""
    schema = body_schema(table)
    if table.daily:
        schema = schema.append(pa.field("day_utc", pa.date32()))
    connection.register("held", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(f"create or replace table {table.qualified} as select * from held")
    connection.unregister("held")
