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
    description="At 05:30 UTC every day: the day before, through every table and check. No day named means yesterday (S3-17).",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One run for the UTC day before the tick; the same tick asks for it once."""
    yesterday = (context.scheduled_execution_time - timedelta(days=1)).date().isoformat()
    return dg.RunRequest(run_key=f"nightly-{yesterday}", partition_key=yesterday, tags={"why": "nightly"})


ALL = [nightly]
