"""The columns that both interaction facts have, and the select that gives them: the measures as staged, under the facts' names (§6.7).

Not here: whose interaction it was, which is what tells the two facts apart.
"""

from genesys_crm_assets.lake.body import sql_beside
from genesys_crm_assets.lake.table import Column

SQL = sql_beside(__file__)

COLUMNS = (
    Column("interaction_key", "varchar", "SHA-256 hex of `genesys|conversation_id`.", required=True),
    Column("interaction_id", "varchar", "The conversation.", required=True, comes_from=("staging_genesys_metrics.conversation_id",)),
    Column(
        "interaction_timestamp_utc",
        "timestamp",
        "When the conversation began, UTC.",
        required=True,
        comes_from=("staging_genesys_metrics.conversation_start",),
    ),
    Column(
        "interaction_end_utc",
        "timestamp",
        "When it ended, UTC; null while open.",
        comes_from=("staging_genesys_metrics.conversation_end",),
    ),
    Column("media_type", "varchar", "Medium of the customer's session, else of the first that has one."),
    Column("direction", "varchar", "`inbound` or `outbound`: how it originated."),
    Column("queue_id", "varchar", "The first queue."),
    Column("last_queue_id", "varchar", "The last queue."),
    Column("queue_ids", "varchar[]", "Every queue once, in order."),
    Column("agent_id", "varchar", "The agent who handled it longest; null where none answered."),
    Column("agent_ids", "varchar[]", "Every agent who answered once, in order."),
    Column("disposition_code", "varchar", "Wrap-up code of the last agent's wrap-up."),
    Column("duration_ms", "bigint", "End minus start; null while open."),
    Column("handle_time_ms", "bigint", "Handle time over all sessions."),
    Column("talk_time_ms", "bigint", "Talk time over all sessions."),
    Column("hold_time_ms", "bigint", "Hold time over all sessions."),
    Column("queue_time_ms", "bigint", "Time in queues over all sessions."),
    Column("wrap_up_time_ms", "bigint", "After-call work over all sessions."),
    Column("abandoned", "boolean", "Some session was abandoned."),
    Column("transferred", "boolean", "Some agent transferred it."),
    Column("was_escalated", "boolean", "The participant attribute for escalation says so."),
    Column("handled_by_bot_only", "boolean", "The participant attribute for bot-only handling says so."),
    Column("qa_score", "double", "Total score of the latest released evaluation."),
    Column("csat_score", "double", "Total score of the latest survey."),
    Column("external_contact_id", "varchar", "The external contact Genesys recognised, as told."),
    Column("crm_case_id", "varchar", "The Case a participant attribute told, as told; the linked one is `case_id`."),
    Column("crm_account_id", "varchar", "The Account a participant attribute told, as told; the resolved one is `account_id`."),
    Column("crm_contact_id", "varchar", "The Contact a participant attribute told, as told; the resolved one is `contact_id`."),
    Column("customer_address", "varchar", "The customer's address, as told.", personal=True),
    Column("customer_phone", "varchar", "The customer's number in E.164, where the address is one.", personal=True),
    Column("customer_email", "varchar", "The customer's e-mail address in lower case, where the address is one.", personal=True),
    Column("division_ids", "varchar[]", "Genesys divisions, as told."),
    Column(
        "is_provisional",
        "boolean",
        "The telling may still be replaced: it did not come from a job that covers its whole day.",
        required=True,
    ),
    Column("data_source", "varchar", "`genesys_cloud`.", required=True),
    Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True),
)
