"""The interaction facts and what is set aside, column by column (§6.7), from metrics, links and dimensions.

Without the provenance columns, and with `day_utc`, which the warehouse derives from the path. Not here: the views over them.
"""

from datetime import datetime

from .history import as_of
from .values import Row, sha256

SHARED = (
    "duration_ms",
    "media_type",
    "direction",
    "queue_id",
    "last_queue_id",
    "queue_ids",
    "agent_ids",
    "agent_id",
    "handle_time_ms",
    "wrap_up_time_ms",
    "queue_time_ms",
    "talk_time_ms",
    "hold_time_ms",
    "disposition_code",
    "abandoned",
    "transferred",
    "external_contact_id",
    "crm_case_id",
    "crm_account_id",
    "crm_contact_id",
    "was_escalated",
    "handled_by_bot_only",
    "qa_score",
    "csat_score",
    "customer_address",
    "customer_phone",
    "customer_email",
    "division_ids",
    "is_provisional",
    "record_sha256",
)


def shared_columns(metric: Row) -> Row:
    """The columns that both facts have."""
    return {
        "interaction_key": sha256(f"genesys|{metric['conversation_id']}"),
        "interaction_id": metric["conversation_id"],
        "interaction_timestamp_utc": metric["conversation_start"],
        "interaction_end_utc": metric["conversation_end"],
        "day_utc": metric["conversation_start"].date(),
        **{column: metric[column] for column in SHARED},
        "data_source": "genesys_cloud",
    }


class Versions:
    """The dimensions' versions by record, to be asked as of a moment."""

    def __init__(self, dimensions: dict[str, list[Row]]) -> None:
        self.found: dict[tuple[str, str], list[Row]] = {}
        for entity, rows in dimensions.items():
            for row in rows:
                self.found.setdefault((entity, row[f"{entity}_id"]), []).append(row)

    def at(self, entity: str, record: str | None, moment: datetime) -> Row:
        """The version a fact of that moment carries; an empty row where there is no such record."""
        some = [] if record is None else self.found.get((entity, record), [])
        return as_of(some, moment) or {}


def customer_fact(metric: Row, link: Row, versions: Versions) -> Row:
    """The row of `fact_customer_interactions` of an interaction that found its customer or case."""
    start = metric["conversation_start"]
    case = versions.at("case", link["case_id"], start)
    account = versions.at("account", link["account_id"], start)
    contact = versions.at("contact", link["contact_id"], start)
    owner = versions.at("user", account.get("owner_id"), start)
    closed_at = case.get("closed_at")
    copied = ("link_method", "case_match_rule", "match_offset_ms", "match_candidates", "crm_customer_key", "case_id")
    return {
        **shared_columns(metric),
        **{column: link[column] for column in (*copied, "account_id", "contact_id")},
        "case_number": case.get("case_number"),
        "case_version_key": case.get("version_key"),
        "account_version_key": account.get("version_key"),
        "contact_version_key": contact.get("version_key"),
        "case_status": case.get("status"),
        "case_priority": case.get("priority"),
        "case_category": case.get("type"),
        "case_created_at": case.get("created_at"),
        "case_closed_at": closed_at if closed_at is not None and closed_at <= start else None,
        "account_name": account.get("name"),
        "industry": account.get("industry"),
        "customer_tier": account.get("customer_tier"),
        "account_owner": owner.get("name"),
        "contact_email": contact.get("email"),
        "contact_phone": contact.get("phone"),
    }


def set_aside(metric: Row, link: Row) -> list[Row]:
    """The rows of `quarantine_interactions` of one interaction, without `detail`, which is words for people."""
    rows = []
    for reason in link["reasons"]:
        out_of_reach = reason["reason"] == "no_case_in_window"
        rows.append(
            {
                "interaction_id": link["interaction_id"],
                "day_utc": metric["conversation_start"].date(),
                "reason": reason["reason"],
                "told_id": reason["told_id"],
                "nearest_case_id": link["nearest_case_id"] if out_of_reach else None,
                "nearest_case_offset_ms": link["nearest_case_offset_ms"] if out_of_reach else None,
            }
        )
    return rows


def facts(metrics: list[Row], links: list[Row], dimensions: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The two facts and `quarantine_interactions`; metrics and links in the same order, dimensions by `case`, `account`, `contact`, `user`."""
    versions = Versions(dimensions)
    found: dict[str, list[Row]] = {"fact_customer_interactions": [], "fact_anonymous_interactions": [], "quarantine_interactions": []}
    for metric, link in zip(metrics, links, strict=True):
        if link["link_method"] is None:
            found["fact_anonymous_interactions"].append(shared_columns(metric))
        else:
            found["fact_customer_interactions"].append(customer_fact(metric, link, versions))
        found["quarantine_interactions"] += set_aside(metric, link)
    return found
