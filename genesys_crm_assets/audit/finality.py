"""When a day is final: the one place that decides it, for `data_status` and for `reconciliation` (§7).

Not a table of its own. Not here: what is done about a day that is not.
"""

from pathlib import Path

from genesys_crm_assets.lake.body import Read
from genesys_crm_assets.raw import genesys_interactions, salesforce

READS = (
    Read(genesys_interactions.TABLE, "all"),
    *(
        Read(table, "all", readings=True)
        for table in (salesforce.CASES, salesforce.ACCOUNTS, salesforce.CONTACTS, salesforce.USERS, salesforce.FIELD_HISTORY)
    ),
)
STEP = ("finality", Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
"""`finality`: day_utc, is_over, last_received_at, crm_read_until, is_final; one row per landed day."""
