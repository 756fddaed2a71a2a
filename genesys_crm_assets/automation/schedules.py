"""When runs happen by the clock: every night the day before, in words, since cron lines are misread (C-18).

Stopped until somebody starts them in the UI. Not here: what a run does.
"""

from datetime import timedelta

import dagster as dg

from genesys_crm_assets.automation import jobs


@dg.schedule(
    job=jobs.DAY,
    cron_schedule="30 5 * * *",
    execution_timezone="UTC",
    description="At 05:30 UTC every day, once started: the day before and the day under way, through every table and check. "
    "No day named means yesterday (S3-17).",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One run over the UTC day before the tick and the day under way, which says up to when the CRM was read (§4); asked for once a tick."""
    today = context.scheduled_execution_time.date()
    yesterday = (today - timedelta(days=1)).isoformat()
    days = {"dagster/asset_partition_range_start": yesterday, "dagster/asset_partition_range_end": today.isoformat()}
    return dg.RunRequest(run_key=f"nightly-{yesterday}", tags={**days, "why": "nightly"})


ALL = [nightly]
