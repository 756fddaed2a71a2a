"""The sandbox starts where it is told, says where it is, and leaves nothing behind."""

import json
import signal
import subprocess
import sys
from datetime import UTC, date, datetime

import httpx
import pytest

from genesys_crm_assets.sandbox.server import Plan, running


def test_the_clock_stands_at_noon_after_the_window_unless_told():
    with running(Plan(start=date(2026, 1, 5), days=2, per_day=20)) as sandbox:
        assert sandbox.now == datetime(2026, 1, 7, 12, tzinfo=UTC)
        assert sandbox.days == (date(2026, 1, 5), date(2026, 1, 6))
        assert sandbox.environment["START_DATE"] == "2026-01-05"
        assert set(sandbox.environment) == {
            *("GENESYS_API_URL", "GENESYS_LOGIN_URL", "GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"),
            *("SALESFORCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_API_VERSION", "START_DATE"),
            "MAPPING_FILE",
        }


def test_without_a_start_the_window_ends_with_the_day_before_now():
    with running(Plan(days=2, per_day=20, now=datetime(2026, 3, 4, 15, 30, tzinfo=UTC))) as sandbox:
        assert sandbox.days == (date(2026, 3, 2), date(2026, 3, 3))
        assert sandbox.now == datetime(2026, 3, 4, 15, 30, tzinfo=UTC)


def test_a_window_without_a_complete_day_is_refused():
    with (
        pytest.raises(ValueError, match="no complete day"),
        running(Plan(start=date(2026, 1, 5), now=datetime(2026, 1, 5, 12, tzinfo=UTC))),
    ):
        pass


def test_the_truth_grows_with_the_clock():
    with running(Plan(start=date(2026, 1, 5), days=1, per_day=60)) as sandbox:
        before = dict(sandbox.truth)
        sandbox.advance(datetime(2026, 1, 8, tzinfo=UTC))
        assert before.keys() < sandbox.truth.keys()
        assert all(sandbox.truth[key].case_id == truth.case_id for key, truth in before.items())
        with pytest.raises(ValueError, match="forward"):
            sandbox.advance(datetime(2026, 1, 7, tzinfo=UTC))


def test_nothing_listens_once_it_is_left():
    with running(Plan(start=date(2026, 1, 5), days=1, per_day=20)) as sandbox:
        url = sandbox.environment["SALESFORCE_URL"]
        assert httpx.get(url).status_code == 404
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_in_the_foreground_it_says_where_it_is_and_stops_on_a_signal():
    code = "from datetime import date; from genesys_crm_assets.sandbox.server import Plan, serve; serve(Plan(start=date(2026, 1, 5), days=1, per_day=20))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter and code
        told = json.loads(process.stdout.readline())
        assert httpx.get(told["GENESYS_API_URL"]).status_code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
