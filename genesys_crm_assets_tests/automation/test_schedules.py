"""Runs by the clock ask for what they say."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from genesys_crm_assets.automation import jobs, schedules
from genesys_crm_assets.definitions import defs


@pytest.mark.shows("S3-17", "S0-16")
@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=7), timedelta(hours=18)])
def test_the_night_run_asks_for_yesterday_and_ends_with_the_day_under_way(late: timedelta):
    """No day named means the UTC day before, whatever minute the tick is late by; today is read too, so that the CRM is read past yesterday."""
    tick = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 1, 5, 30, tzinfo=UTC) + late)
    request = schedules.nightly(tick)
    assert isinstance(request, dg.RunRequest)
    assert request.tags["dagster/asset_partition_range_start"] == "2026-02-28"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-03-01"
    assert (request.run_key, request.tags["why"]) == ("nightly-2026-02-28", "nightly")


def test_no_schedule_runs_before_somebody_starts_it():
    """A fresh clone must not call vendors by itself."""
    (nightly,) = schedules.ALL
    assert nightly.default_status == dg.DefaultScheduleStatus.STOPPED


def test_the_day_job_takes_a_day():
    """One calendar for every partitioned asset, so one job for all of them."""
    assert defs.resolve_job_def(jobs.DAY.name).partitions_def is not None
