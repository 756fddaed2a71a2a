"""Runs by the clock ask for what they say."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from genesys_crm_assets.automation import jobs, schedules
from genesys_crm_assets.definitions import defs


@pytest.mark.shows("S3-17", "S0-16")
def test_the_night_run_asks_for_yesterday():
    """No day named means the UTC day before, whatever minute the tick is late by."""
    tick = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 1, 5, 30, tzinfo=UTC))
    request = schedules.nightly(tick)
    assert isinstance(request, dg.RunRequest)
    assert (request.partition_key, request.tags["why"]) == ("2026-02-28", "nightly")
    assert request.run_key == "nightly-2026-02-28"


def test_no_schedule_runs_before_somebody_starts_it():
    """A fresh clone must not call vendors by itself."""
    (nightly,) = schedules.ALL
    assert nightly.default_status == dg.DefaultScheduleStatus.STOPPED


def test_the_day_job_takes_a_day():
    """One calendar for every partitioned asset, so one job for all of them."""
    assert defs.resolve_job_def(jobs.DAY.name).partitions_def is not None
