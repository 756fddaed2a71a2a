"""When a day is final: the one place that decides it, for `data_status` and for `reconciliation` (§7).

Not a table of its own. Not here: what is done about a day that is not.
"""

from pathlib import Path

from genesys_crm_assets.lake.body import Read
from genesys_crm_assets.raw import genesys_interactions, salesforce

CRM = (salesforce.CASES, salesforce.ACCOUNTS, salesforce.CONTACTS, salesforce.OPPORTUNITIES, salesforce.USERS, salesforce.FIELD_HISTORY)
"""The tables that must have been read past a day's end."""

_READINGS = tuple(Read(table, "all", readings=True, rows=False) for table in CRM)

READS = (Read(genesys_interactions.TABLE, "all"), *_READINGS)
"""What the step reads for all landed days."""

READS_OF_ONE_DAY = (Read(genesys_interactions.TABLE), *_READINGS)
"""What the step reads for one day: of that day its own pages, and how far the CRM was read for every day up to it."""

STEP = ("finality", Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
"""`finality`, one row per landed day that is read: day_utc, is_over, last_received_at, crm_read_until, is_told (Genesys has told the whole
day) and is_final."""
