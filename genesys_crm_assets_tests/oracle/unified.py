"""`unified_interactions` (§6.7): what an analyst needs beside an interaction, from facts, dimensions and the linking's own audit.

Times are UTC. Not here: the columns that stand in the fact already, URLs, and local time.
"""

from dataclasses import dataclass
from datetime import date, datetime

from .audit import link_expectation
from .crm import Crm, Settings
from .facts import Versions
from .values import Row

ENOUGH_TOLD = 30
UNANSWERED = "Unanswered/Abandoned"
# What only an interaction with a customer or a case has in its fact.
LINKED = (
    *("link_method", "case_match_rule", "match_offset_ms", "match_candidates", "crm_customer_key", "case_id", "account_id", "contact_id"),
    *("case_number", "case_version_key", "account_version_key", "contact_version_key", "case_status", "case_priority", "case_category"),
    *("case_created_at", "case_closed_at", "account_name", "industry", "customer_tier", "account_owner", "contact_email", "contact_phone"),
)


@dataclass(frozen=True)
class Beside:
    """What stands beside the facts: versions to be asked as of a moment, the CRM as it is now, codes' names, and trust by rule."""

    versions: Versions
    crm: Crm
    dimensions: dict[str, list[Row]]
    settings: Settings
    precision: dict[str | None, float | None]

    def code(self, code: str | None) -> str:
        """What to call a disposition code."""
        if code is None:
            return UNANSWERED
        found = {row["wrapup_code_id"]: row["name"] for row in self.dimensions.get("wrapup_code", [])}
        return found.get(code) or code

    def now(self, entity: str, record: str | None) -> Row:
        """A record's last version."""
        rows = [row for row in self.dimensions[entity] if row[f"{entity}_id"] == record]
        return max(rows, key=lambda row: row["valid_from"], default={})


def valid_at(row: Row, moment: datetime) -> bool:
    """Is a version valid at the moment: begun, not ended? Nothing is valid within a deletion."""
    return row["valid_from"] <= moment and (row["valid_to"] is None or moment < row["valid_to"])


def open_cases(account: str | None, moment: datetime, beside: Beside) -> int | None:
    """How many cases of the account were open at the moment; None where there is no account, or no source of cases."""
    if account is None or "cases" in beside.settings.sources_absent:
        return None
    rows = [row for row in beside.dimensions["case"] if valid_at(row, moment) and row["created_at"] <= moment]
    mine = [row for row in rows if beside.crm.resolve("accounts", row["account_id"]) == account]
    found: int = sum(row["closed_at"] is None or row["closed_at"] > moment for row in mine)
    return found


def open_opportunities(account: str | None, moment: datetime, beside: Beside) -> int | None:
    """How many opportunities of the account stood at the moment in a stage that is not closed; None as for cases."""
    if account is None or "opportunities" in beside.settings.sources_absent:
        return None
    rows = [row for row in beside.dimensions["opportunity"] if valid_at(row, moment) and row["created_at"] <= moment]
    mine = [row for row in rows if beside.crm.resolve("accounts", row["account_id"]) == account]
    found: int = sum(row["stage_name"] not in beside.settings.closed_opportunity_stages for row in mine)
    return found


def precision_by_rule(links: list[Row]) -> dict[str | None, float | None]:
    """Per blind rule the share of told cases that hold on which it agrees, over everything; None below 30 told."""
    told: dict[str | None, list[Row]] = {}
    for row in link_expectation(links, lambda _: date.min):
        told.setdefault(row["blind_case_match_rule"], []).append(row)
    return {rule: row["agreeing"] / row["told_cases"] if row["told_cases"] >= ENOUGH_TOLD else None for rule, (row,) in told.items()}


def beside_facts(fact: Row, beside: Beside) -> Row:
    """The columns that the view adds to a fact's row, of either kind."""
    start = fact["interaction_timestamp_utc"]
    account, case = fact.get("account_id"), fact.get("case_id")
    account_now = beside.now("account", account) if account else {}
    case_now = beside.now("case", case) if case else {}
    rule = fact.get("case_match_rule")
    return {
        "conversation_id": fact["interaction_id"],
        "conversation_start": start,
        "conversation_end": fact["interaction_end_utc"],
        "queue_name": beside.versions.at("queue", fact["queue_id"], start).get("name"),
        "last_queue_name": beside.versions.at("queue", fact["last_queue_id"], start).get("name"),
        "agent_name": beside.versions.at("agent", fact["agent_id"], start).get("name"),
        "acw_time_ms": fact["wrap_up_time_ms"],
        "customer_tier_at_interaction": fact.get("customer_tier") or "Unknown",
        "customer_tier_current": account_now.get("customer_tier") or "Unknown",
        "account_owner_current": beside.now("user", account_now.get("owner_id")).get("name"),
        "ltv_usd": account_now.get("ltv_usd"),
        "case_status_current": case_now.get("status"),
        "case_closed_at_current": case_now.get("closed_at"),
        "open_opportunity_count": open_opportunities(account, start, beside),
        "open_case_count": open_cases(account, start, beside),
        "link_precision": None if rule in (None, "case_attribute") else beside.precision.get(rule),
        "disposition_label": beside.code(fact["disposition_code"]),
    }


def unified(facts: list[Row], links: list[Row], dimensions: dict[str, list[Row]], settings: Settings) -> list[Row]:
    """`unified_interactions` over both facts: their own columns, None where only the other fact has them, and what is added.

    `dimensions` by entity: `case`, `account`, `contact`, `user`, `opportunity`, `queue`, `agent`, `wrapup_code`.
    """
    crm = Crm(dimensions, [], settings.sources_absent)
    beside = Beside(Versions(versioned(dimensions)), crm, dimensions, settings, precision_by_rule(links))
    return [{**dict.fromkeys(LINKED), **fact, **beside_facts(fact, beside)} for fact in facts]


def versioned(dimensions: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The dimensions that have versions."""
    return {entity: rows for entity, rows in dimensions.items() if not rows or "version_key" in rows[0]}
