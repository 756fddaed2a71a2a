"""One row per day of the reporting zone's calendar: its calendar and fiscal periods, and when in UTC it begins and ends.

Built from the settings alone, without a clock: whole years, calendar and fiscal, from the one that holds the day before `START_DATE` (west
of Greenwich the first interactions fall on it) until twenty more are over; so any range asked for is whole, and the same at any time.
Holidays and 4-4-5 calendars are absent: a fiscal month is a calendar month. Materialise it again when `REPORTING_TIMEZONE` or
`FISCAL_YEAR_START_MONTH` changes.
Do not join `day` to `day_utc`, a day of UTC; and do not divide by 24: where clocks change two days of a year have other `hours`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Proof, sql_beside
from genesys_crm_assets.lake.table import Column, Table


def _first(period: str) -> Column:
    return Column(f"fiscal_{period}_first_day", "date", f"First day of the fiscal {period}.", required=True)


def _last(period: str) -> Column:
    return Column(f"fiscal_{period}_last_day", "date", f"Last day of the fiscal {period}, included.", required=True)


TABLE = Table(
    name="dim_date",
    layer="dimensions",
    description=__doc__,
    key=("day",),
    daily=False,
    columns=(
        Column("day", "date", "The day in `REPORTING_TIMEZONE`; mart columns of local days join it.", required=True),
        Column("year", "bigint", "Calendar year.", required=True),
        Column("quarter", "bigint", "Calendar quarter, 1 to 4.", required=True),
        Column("month", "bigint", "Calendar month, 1 to 12.", required=True),
        Column("month_name", "varchar", "`January` to `December`.", required=True),
        Column("day_of_month", "bigint", "1 to 31.", required=True),
        Column("iso_year", "bigint", "The year the ISO week belongs to; around New Year not always the calendar's.", required=True),
        Column("iso_week", "bigint", "ISO week, 1 to 53; read it with `iso_year`.", required=True),
        Column("weekday", "bigint", "1 (Monday) to 7 (Sunday).", required=True),
        Column("weekday_name", "varchar", "`Monday` to `Sunday`.", required=True),
        Column("is_weekend", "boolean", "Saturday or Sunday.", required=True),
        Column(
            "fiscal_year",
            "bigint",
            "Fiscal year, named for the calendar year it ends in; the calendar year where `FISCAL_YEAR_START_MONTH` is 1.",
            required=True,
        ),
        Column("fiscal_quarter", "bigint", "Quarter of the fiscal year, 1 to 4.", required=True),
        Column("fiscal_month", "bigint", "Month of the fiscal year, 1 to 12.", required=True),
        *(column(period) for period in ("year", "quarter", "month") for column in (_first, _last)),
        Column("starts_at_utc", "timestamp", "The first moment of the day, UTC; null for a day the zone left out."),
        Column("ends_at_utc", "timestamp", "The first moment after it, UTC; null likewise."),
        Column("hours", "double", "How long it is: 24, where clocks change 23, 25, 23.5 or 24.5, and 0 for a day left out.", required=True),
    ),
)
BODY = Body(
    reads=(),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "no_moment_belongs_to_two_days_or_to_none",
            sql_beside(__file__, "no_moment_belongs_to_two_days_or_to_none"),
            "Every day begins in the moment the one before it ends (S0-18), so rollups lose and double nothing. A failure means that the "
            "zone's offset is no whole number of quarter hours: name another REPORTING_TIMEZONE.",
        ),
        Proof(
            "fiscal_years_are_whole",
            sql_beside(__file__, "fiscal_years_are_whole"),
            "Every fiscal year but the first and the last, which the calendar years may cut, has all its days. A failure is a fault of this "
            "table: report it with FISCAL_YEAR_START_MONTH and START_DATE.",
        ),
    ),
)


@graph.asset(TABLE, BODY)
def dim_date(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
