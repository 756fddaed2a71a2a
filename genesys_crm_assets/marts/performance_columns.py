"""The measures that both performance marts have, and the select that gives them for queues and agents at once (§6.8).

Not here: whose performance it is, or its name, which is what tells the two apart.
"""

from genesys_crm_assets.lake.body import sql_beside
from genesys_crm_assets.lake.table import Column

SQL = sql_beside(__file__)

_COUNT = ("fact_queue_activity.count",)
_SUM = ("fact_queue_activity.sum", "fact_queue_activity.count")

COLUMNS = (
    Column("offered", "bigint", "Interactions offered: `nOffered`.", required=True, comes_from=_COUNT),
    Column("answered", "bigint", "Answers: entries of `tAnswered`.", required=True, comes_from=_COUNT),
    Column("abandoned", "bigint", "Customers who gave up waiting: entries of `tAbandon`.", required=True, comes_from=_COUNT),
    Column("abandon_rate", "double", "Abandoned ÷ offered, from 0 to 1; null where nothing was offered.", comes_from=_COUNT),
    Column("asa_ms", "double", "Average speed of answer in milliseconds; null where nothing was answered.", comes_from=_SUM),
    Column(
        "aht_ms",
        "double",
        "Average handle time in milliseconds: talk, hold and after-call work per handled interaction; null where none was handled.",
        comes_from=_SUM,
    ),
    Column(
        "service_level",
        "double",
        "Answered less `nOverSla` ÷ answered plus abandoned, from 0 to 1; null where neither happened.",
        comes_from=_COUNT,
    ),
)
