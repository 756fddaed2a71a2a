"""What configuration says to tables: the variables of §5.2, their defaults and meaning, and `audit.settings`, the one row bodies and views see.

Values come in as text, are checked here once, and go on typed. Not here: where the text comes from (`resources`), and no secret.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import available_timezones

import phonenumbers
import pyarrow as pa

from genesys_crm_assets.lake.table import Column, Table, arrow_schema
from genesys_crm_assets.mapping import Mapping

Parsed = TypeVar("Parsed")

_WIDEST_HOURS = 7 * 24
"""Linking reads field history of seven days before and after a day; a wider window would miss rows of it."""

SOURCES = (
    "cases", "accounts", "contacts", "users", "field_history", "opportunities", "releases",
    "external_contacts", "adherence", "reference", "teams", "locations", "scores",
)  # fmt: skip
"""What `SOURCES_ABSENT` may name; `reference` is every listing, `teams` and `locations` are one each."""

MATCH_RULES = ("case_attribute", "created_with", "touched_with", "open_case", "lookback")


class SettingRefused(ValueError):
    """A variable cannot be used; the message names it and the remedy, never a value that may be secret."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable: its default (None where there is none) and its meaning in one line for `.env.example`."""

    name: str
    default: str | None
    meaning: str
    secret: bool = False


VARIABLES = (
    Variable("LAKE_URL", "data/lake", "Where tables live: a folder."),
    Variable("WAREHOUSE_PATH", "data/warehouse.duckdb", "The analyst's door: a DuckDB file of views over the lake."),
    Variable("STATE_DIR", None, "Dagster's own records, journals, locks and limiter. Absolute; make sets it to data/state."),
    Variable("START_DATE", "2026-01-01", "First daily partition (UTC). The one variable read at import."),
    Variable("MAPPING_FILE", "", "The org's own words; the packaged mapping.toml where empty."),
    Variable("GENESYS_REGION", "mypurecloud.com", "Gives https://api.<region> and https://login.<region>."),
    Variable("GENESYS_API_URL", "", "Overrides the region's API address; plain http is accepted for loopback hosts only."),
    Variable("GENESYS_LOGIN_URL", "", "Overrides the region's login address; likewise."),
    Variable("GENESYS_CLIENT_ID", None, "OAuth client (client credentials)."),
    Variable("GENESYS_CLIENT_SECRET", None, "Its secret, or aws-secretsmanager:<secret-id>#<key>.", secret=True),
    Variable("GENESYS_FEED", "conversation_jobs", "Which interaction feed to extract: conversation_jobs or conversation_query."),
    Variable("GENESYS_REQUESTS_PER_MINUTE", "300", "Per org, over all processes."),
    Variable("GENESYS_MAX_CONCURRENT_REQUESTS", "15", "Per org, over all processes."),
    Variable("SALESFORCE_URL", None, "My Domain address, such as https://acme.my.salesforce.com; loopback http accepted."),
    Variable("SALESFORCE_CLIENT_ID", None, "OAuth client (client credentials)."),
    Variable("SALESFORCE_CLIENT_SECRET", None, "Its secret, or aws-secretsmanager:<secret-id>#<key>.", secret=True),
    Variable(
        "SALESFORCE_REFRESH_TOKEN", "", "Instead of the secret's own grant, where an org allows only the web-server flow.", secret=True
    ),
    Variable("SALESFORCE_API_VERSION", "68.0", "REST API version."),
    Variable("SALESFORCE_REQUESTS_PER_MINUTE", "100", "Courtesy limit, over all processes."),
    Variable("SALESFORCE_DAILY_SHARE", "0.5", "Share of the org's daily API allocation that may be used up before this platform stops."),
    Variable(
        "SOURCES_ABSENT",
        "",
        "Sources the org has no licence or permission for, comma-separated; teams or locations alone where Genesys tells the other listings.",
    ),
    Variable("LOOKBACK_DAYS", "3", "Closed days read again for late data."),
    Variable("REMATCH_DAYS", "30", "How far back CRM changes re-link facts."),
    Variable("BACKFILL_CHUNK_DAYS", "7", "Days per run of a large backfill or of `genesys-crm rebuild`."),
    Variable("MATCH_TOLERANCE_MINUTES", "15", "Temporal window between an interaction and a case."),
    Variable("MATCH_LOOKBACK_HOURS", "48", "How recent a closed case may be."),
    Variable("MATCH_RULES", ",".join(MATCH_RULES), "Rules that may link; one left out is not tried."),
    Variable("MATCH_WINDOW_HOURS", "24", "Tolerance inside the high-latency periods."),
    Variable("HIGH_LATENCY_PERIODS", "", "Half-open periods such as 2026-12-30/2027-01-03;…, both ends at 00:00 UTC."),
    Variable("RECONCILIATION_TOLERANCE", "0.005", "Unexplained variance above it fails the check."),
    Variable("MAX_NULL_CRM_RATE", "0.30", "Share of a final day's interactions without resolved account above which marts are flagged."),
    Variable(
        "NULL_CRM_POLICY", "flag", "flag, or block: mart views leave flagged days out, and stored marts keep the rows they had of them."
    ),
    Variable("REPORTING_TIMEZONE", "UTC", "Applied in marts only; an IANA name."),
    Variable("FISCAL_YEAR_START_MONTH", "1", "1 to 12."),
    Variable("DEFAULT_PHONE_REGION", "US", "Region of numbers told without a country."),
    Variable(
        "CLOCK", "", "Stands in for the wall clock (ISO 8601, UTC); for the sandbox, whose content clock stands still. Empty otherwise."
    ),
)
DEFAULTS = {variable.name: variable.default for variable in VARIABLES}

_ROW: tuple[tuple[str, str, str], ...] = (
    ("start_date", "date", "First day of the calendar."),
    ("match_tolerance_minutes", "bigint", "Temporal window, minutes (S0-56)."),
    ("match_lookback_hours", "bigint", "How recent a closed case may be, hours (S0-68)."),
    ("match_rules", "varchar[]", "Case rules that may link."),
    ("match_window_hours", "bigint", "Tolerance inside high-latency periods, hours (S0-67)."),
    ("high_latency_periods", "struct(start_at timestamp, end_at timestamp)[]", "Half-open periods, UTC."),
    ("reconciliation_tolerance", "double", "Unexplained variance above it fails (S0-65)."),
    ("max_null_crm_rate", "double", "Share without account above which a day is biased (S1-28)."),
    ("null_crm_policy", "varchar", "`flag` or `block`."),
    ("reporting_timezone", "varchar", "IANA zone of local times in marts."),
    ("fiscal_year_start_month", "bigint", "1 to 12."),
    ("default_phone_region", "varchar", "Region of numbers told without a country."),
    ("sources_absent", "varchar[]", "Sources the org does not have."),
    ("lookback_days", "bigint", "Closed days read again for late data."),
    ("rematch_days", "bigint", "How far back CRM changes re-link facts."),
    ("genesys_app_url", "varchar", "Where a conversation opens in Genesys Cloud."),
    ("salesforce_url", "varchar", "Where a case opens in Salesforce; null where not configured."),
    ("genesys_feed", "varchar", "The interaction feed."),
    ("attribute_case_id", "varchar", "Participant attribute that tells the case."),
    ("attribute_account_id", "varchar", "Participant attribute that tells the account."),
    ("attribute_contact_id", "varchar", "Participant attribute that tells the contact."),
    ("attribute_escalated", "varchar", "Participant attribute that tells an escalation."),
    ("attribute_escalated_value", "varchar", "Its value, in any case."),
    ("attribute_bot_only", "varchar", "Participant attribute that tells a bot-only conversation."),
    ("attribute_bot_only_value", "varchar", "Its value, in any case."),
    ("escalated_case_field", "varchar", "Case field that decides escalation in `unified_interactions`; null for the attribute."),
    (
        "source_columns",
        "struct(object varchar, staged varchar, field varchar, kind varchar)[]",
        "The column mapping: of each object the staging column and the field that feeds it.",
    ),
    ("contact_phone_fields", "varchar[]", "Contact fields with numbers, in order."),
    ("contact_email_fields", "varchar[]", "Contact fields with addresses, in order."),
    ("own_numbers", "varchar[]", "The centre's own numbers, E.164."),
    ("closed_opportunity_stages", "varchar[]", "Stages that close an opportunity."),
    ("won_opportunity_stages", "varchar[]", "Of these, the stages that win it."),
    ("release_field", "varchar", "Field of the releases query that names the release."),
    ("release_product_field", "varchar", "Field of the releases query that names the product."),
    ("released_at_field", "varchar", "Field of the releases query that says when it was released."),
)
SETTINGS = Table(
    name="settings",
    layer="audit",
    description="The settings that views and bodies read, one row.",
    key=("start_date",),
    columns=tuple(Column(*entry) for entry in _ROW),
    daily=False,
    stored=False,
)


def row(told: Callable[[str], str], words: Mapping) -> pa.Table:
    """The one row of `audit.settings`; `SettingRefused` for a value that cannot be used."""
    region = told("GENESYS_REGION")
    values: dict[str, Any] = {
        "start_date": _parsed("START_DATE", told, date.fromisoformat),
        "match_tolerance_minutes": _within("MATCH_TOLERANCE_MINUTES", told, _WIDEST_HOURS * 60),
        "match_lookback_hours": _whole("MATCH_LOOKBACK_HOURS", told),
        "match_rules": _among("MATCH_RULES", told, MATCH_RULES),
        "match_window_hours": _within("MATCH_WINDOW_HOURS", told, _WIDEST_HOURS),
        "high_latency_periods": _parsed("HIGH_LATENCY_PERIODS", told, _periods),
        "reconciliation_tolerance": _parsed("RECONCILIATION_TOLERANCE", told, _share),
        "max_null_crm_rate": _parsed("MAX_NULL_CRM_RATE", told, _share),
        "null_crm_policy": _among("NULL_CRM_POLICY", told, ("flag", "block"))[0],
        "reporting_timezone": _parsed("REPORTING_TIMEZONE", told, _zone),
        "fiscal_year_start_month": _parsed("FISCAL_YEAR_START_MONTH", told, _month),
        "default_phone_region": _parsed("DEFAULT_PHONE_REGION", told, _region),
        "sources_absent": _among("SOURCES_ABSENT", told, SOURCES) if told("SOURCES_ABSENT").strip() else [],
        "lookback_days": _whole("LOOKBACK_DAYS", told),
        "rematch_days": _whole("REMATCH_DAYS", told),
        "genesys_app_url": f"https://apps.{region}",
        "salesforce_url": told("SALESFORCE_URL").rstrip("/") or None,
        "genesys_feed": told("GENESYS_FEED"),
    }
    mapped = {name: getattr(words, name) for name in Mapping.__dataclass_fields__}
    values |= {name: list(value) if isinstance(value, tuple) else value or None for name, value in mapped.items()}
    values["source_columns"] = [
        {"object": sobject, "staged": fed.column, "field": fed.field, "kind": fed.kind} for sobject, entries in words.fed for fed in entries
    ]
    values["own_numbers"] = [_own_number(number, values["default_phone_region"]) for number in words.own_numbers]
    known = {column.name for column in SETTINGS.columns}
    return pa.Table.from_pylist([{name: value for name, value in values.items() if name in known}], schema=arrow_schema(SETTINGS))


def _parsed(name: str, told: Callable[[str], str], parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(told(name))
    except ValueError as problem:
        raise SettingRefused(f"{name} cannot be used ({problem}); see .env.example") from problem


def _whole(name: str, told: Callable[[str], str]) -> int:
    number = _parsed(name, told, int)
    if number < 0:
        raise SettingRefused(f"{name} cannot be negative; see .env.example")
    return number


def _within(name: str, told: Callable[[str], str], most: int) -> int:
    number = _whole(name, told)
    if number > most:
        raise SettingRefused(f"{name} cannot be more than {most}: linking reads a week of field history to either side; see .env.example")
    return number


def _own_number(number: str, region: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(number, region), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException as problem:
        raise SettingRefused(
            "[centre] own_numbers holds what is no phone number; write numbers as +18005550100 in the mapping"
        ) from problem


def _among(name: str, told: Callable[[str], str], known: tuple[str, ...]) -> list[str]:
    named = [part.strip() for part in told(name).split(",") if part.strip()]
    if not named or set(named) - set(known):
        raise SettingRefused(f"{name} knows {', '.join(known)}; name some of these")
    return named


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    return share


def _month(text: str) -> int:
    month = int(text)
    if month not in range(1, 13):
        raise ValueError("a month is 1 to 12")
    return month


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("not an IANA time zone such as Europe/London")
    return text


def _region(text: str) -> str:
    if text.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("not a region of two letters such as US")
    return text.upper()


def _periods(text: str) -> list[dict[str, datetime]]:
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}", part):
            raise ValueError("periods are written 2026-12-30/2027-01-03 and separated by ;")
        start, end = (datetime.fromisoformat(day) for day in part.split("/"))
        if end <= start:
            raise ValueError("a period ends after it starts")
        found.append({"start_at": start, "end_at": end})
    return found
