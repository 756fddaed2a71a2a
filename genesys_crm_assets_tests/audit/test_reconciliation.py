"""What the vendors say of a day against what our tables say, and what explains a difference (§6.6)."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets.audit import reconciliation
from genesys_crm_assets.lake import lag
from genesys_crm_assets.lake.body import Day
from genesys_crm_assets.raw import genesys_interactions, salesforce
from genesys_crm_assets.staging import salesforce_cases
from genesys_crm_assets_tests import builders, lakes
from genesys_crm_assets_tests.audit.days import FIRST, NEXT, READ_AT, D, Days, totals

ACW = "tAcw"


def _unwrapped() -> bytes:
    """The same conversation as day D tells it, before its after-call work was known."""
    talked = builders.talk()
    talked["metrics"] = [builders.metric("tTalk", 300_000), builders.metric("tHandle", 300_000)]
    waiting = builders.session(
        segments=[builders.segment(queueId=builders.QUEUE)], metrics=[builders.metric("nOffered", 1, builders.at("10:00"))]
    )
    told = [builders.customer(externalContactId=builders.CONTACT), builders.participant("acd", waiting), builders.agent(talked)]
    return builders.record(participants=told)


def _case(number: int, **fields: Any) -> dict[str, Any]:
    plain = {
        "Id": f"500Wy{number:010d}",
        "CreatedDate": "2026-11-03T09:00:00.000+0000",
        "SystemModstamp": "2026-11-03T10:00:00.000+0000",
        "IsDeleted": False,
    }
    return {**plain, **fields}


@pytest.mark.shows("S0-64")
def test_what_agrees_is_a_row_without_difference(tmp_path: Path):
    days = Days(tmp_path)
    found = days.reconciled()
    ours = {(metric, statistic): row["our_value"] for (metric, statistic), row in found.items() if row["comparison"] == "queue_activity"}
    assert ours == {("nOffered", "count"): 1, ("tHandle", "count"): 1, ("tHandle", "sum"): 330_000, (ACW, "count"): 1, (ACW, "sum"): 30_000}
    assert all(row["source_value"] == row["our_value"] for row in found.values())
    assert {row["queue_id"] for row in found.values() if row["comparison"] == "queue_activity"} == {builders.QUEUE}


@pytest.mark.shows("S0-64", "S0-65")
def test_what_nobody_explains_is_the_days_variance(tmp_path: Path):
    """Ten offered where we have one: a variance of nine tenths, far above the tolerance."""
    status = Days(tmp_path, totals=[totals(nOffered=(10, None), tHandle=(1, 330_000.0), tAcw=(1, 30_000.0))]).status()
    assert status["largest_variance"] == pytest.approx(0.9)
    assert status["is_reconciled"] is False


def test_a_metric_that_the_vendor_does_not_say_means_nought(tmp_path: Path):
    """Groups and metrics without data are absent from the answer."""
    found = Days(tmp_path, totals=[totals(nOffered=(1, None), tHandle=(1, 330_000.0))]).reconciled()
    assert (found[ACW, "count"]["source_value"], found[ACW, "count"]["our_value"]) == (0, 1)


def test_what_a_later_raw_day_told_is_explained_as_late(tmp_path: Path):
    """After-call work that was told a day later was emitted on D all the same; the vendor's totals have it, our day does not yet."""
    days = Days(tmp_path, told={D: [_unwrapped()], NEXT: [builders.record()]})
    found = days.reconciled()
    late = found[ACW, "sum"]
    assert (late["source_value"], late["our_value"], late["explained_late"], late["explained_quarantined"]) == (30_000, 0, 30_000, 0)
    handled = found["tHandle", "sum"]
    assert (handled["our_value"], handled["explained_late"]) == (300_000, 30_000)
    assert found["nOffered", "count"]["explained_late"] == 0
    status = days.status()
    assert (status["largest_variance"], status["is_reconciled"]) == (0, True)


def test_what_stands_in_quarantine_and_can_be_read_is_explained_as_that(tmp_path: Path):
    """A conversation that ends before it starts is not staged; the vendor counts it."""
    broken = builders.record(conversationId="c0000000-0000-4000-8000-000000000002", conversationEnd=builders.at("09:00"))
    days = Days(
        tmp_path,
        told={D: [builders.record(), broken]},
        totals=[totals(nOffered=(2, None), tHandle=(2, 660_000.0), tAcw=(2, 60_000.0))],
    )
    found = days.reconciled()
    offered = found["nOffered", "count"]
    assert (offered["source_value"], offered["our_value"], offered["explained_late"], offered["explained_quarantined"]) == (2, 1, 0, 1)
    status = days.status()
    assert (status["largest_variance"], status["is_reconciled"], status["quarantined_records"]) == (0, True, 1)


def test_quarantined_records_that_cannot_be_read_explain_nothing(tmp_path: Path):
    days = Days(tmp_path, told={D: [builders.record(), b'"no conversation"']}, totals=[totals(nOffered=(2, None))])
    assert days.reconciled()["nOffered", "count"]["explained_quarantined"] == 0


def test_quarantined_records_without_an_id_explain_too_each_by_its_own_bytes(tmp_path: Path):
    """The vendor counts a conversation whether or not it told us whose it is; one told twice is still one."""
    nameless = [builders.record(conversationId=builders.ABSENT, originatingDirection=told) for told in ("inbound", "outbound")]
    days = Days(
        tmp_path,
        told={D: [builders.record(), *nameless, nameless[0]]},
        totals=[totals(nOffered=(3, None), tHandle=(3, 990_000.0), tAcw=(3, 90_000.0))],
    )
    assert days.reconciled()["nOffered", "count"]["explained_quarantined"] == 2
    assert days.status()["largest_variance"] == 0


def test_what_a_later_raw_day_no_longer_tells_is_explained_as_late_too(tmp_path: Path):
    """A metric that a later telling of the conversation lacks is not counted any more, as in the vendor's totals."""
    days = Days(tmp_path, told={D: [builders.record()], NEXT: [_unwrapped()]}, totals=[totals(nOffered=(1, None), tHandle=(1, 300_000.0))])
    found = days.reconciled()
    assert (found[ACW, "sum"]["our_value"], found[ACW, "sum"]["explained_late"]) == (30_000, 30_000)
    assert days.status()["largest_variance"] == 0


def test_totals_of_a_part_of_the_day_are_compared_with_nothing(tmp_path: Path):
    """Windows end 15 minutes before now; what was asked for a minute earlier is not the whole day."""
    end = datetime(NEXT.year, NEXT.month, NEXT.day)  # noqa: DTZ001 - as DuckDB's timestamps are
    early = Days(tmp_path / "early", counted=(1, 0), totals_read=end + timedelta(minutes=14))
    assert early.reconciled() == {}
    assert early.status()["is_reconciled"] is False
    assert {row["comparison"] for row in Days(tmp_path / "whole", totals_read=end + timedelta(minutes=15)).reconciled().values()} == {
        "queue_activity",
        "cases",
    }


def test_an_answer_without_groups_is_compared_with_what_we_have(tmp_path: Path):
    """Groups without data are absent, so an empty answer says nought."""
    found = Days(tmp_path, totals=[]).reconciled()["nOffered", "count"]
    assert (found["source_value"], found["our_value"], found["observed_at"]) == (0, 1, READ_AT)


def _lagging(days: Days) -> list[date]:
    return [day for day in lag.lagging(days.lake.storage, reconciliation.TABLE, reconciliation.BODY) if day == D]


def _read_cases(days: Days, day: date, *fields: dict[str, Any]) -> None:
    days.lake.land(salesforce.CASES, day, [lakes.record("Case", one, READ_AT) for one in fields], lakes.readings((False, READ_AT, READ_AT)))
    days.lake.build(salesforce_cases.TABLE, salesforce_cases.BODY, day)


def test_a_final_day_without_difference_is_never_built_again_for_what_lands_later(tmp_path: Path):
    """Else every run would build every day again."""
    days = Days(tmp_path)
    assert _lagging(days) == []
    days.lake.land(genesys_interactions.TABLE, NEXT, [lakes.page(1, "conversation_jobs", [_unwrapped()], READ_AT + timedelta(days=1))])
    days.lake.settle()
    _read_cases(days, NEXT, _case(1))
    assert _lagging(days) == []


def test_a_day_is_built_again_once_the_crm_may_have_made_it_final(tmp_path: Path):
    days = Days(tmp_path, crm_until=READ_AT - timedelta(days=3))
    assert _lagging(days) == []
    _read_cases(days, D)
    assert _lagging(days) == [D]


def test_a_day_that_genesys_has_not_told_to_its_end_waits_for_nothing_but_its_own_landing(tmp_path: Path):
    """Else every night would build every day again that was last read before Genesys' lake had passed its end."""
    days = Days(tmp_path, until=READ_AT - timedelta(days=3), crm_until=READ_AT - timedelta(days=3))
    _read_cases(days, D)
    _read_cases(days, NEXT, _case(1))
    assert _lagging(days) == []
    days.lake.land(genesys_interactions.TABLE, D, [lakes.page(1, "conversation_jobs", [builders.record()], READ_AT, until=READ_AT)])
    days.lake.settle()
    assert _lagging(days) == [D]


def test_a_day_that_awaits_the_crm_does_not_look_at_later_days(tmp_path: Path):
    days = Days(tmp_path, crm_until=READ_AT - timedelta(days=3))
    _read_cases(days, NEXT)
    assert _lagging(days) == []


def test_cases_that_changed_before_the_day_are_not_read(tmp_path: Path):
    """What was created or closed on a day changed on it or later; the baseline holds cases of any day (P9)."""
    days = Days(tmp_path, cases=[_case(1)])
    _read_cases(days, D - timedelta(days=1), _case(2))
    _read_cases(days, NEXT, _case(3))
    with days.lake.sight.session(reconciliation.BODY.reads, Day(D)) as session:
        found = session.execute("select distinct day_utc from staging.staging_salesforce_cases order by all").fetchall()
    assert found == [(FIRST,), (NEXT,)]


def test_a_day_whose_cases_differ_does_not_look_at_cases_changed_after_the_count(tmp_path: Path):
    days = Days(tmp_path, counted=(2, 0), cases=[_case(1)])
    assert _lagging(days) == []
    _read_cases(days, READ_AT.date() + timedelta(days=1), _case(3))
    assert _lagging(days) == []
    _read_cases(days, READ_AT.date(), _case(3))
    assert _lagging(days) == [D]


def test_a_day_whose_conversations_differ_is_built_again_for_tellings_of_them_only(tmp_path: Path):
    days = Days(tmp_path, told={D: [_unwrapped()]})
    assert _lagging(days) == []
    _read_cases(days, NEXT, _case(1))
    new = builders.record(
        conversationId="c0000000-0000-4000-8000-000000000009",
        conversationStart=builders.at("10:00", NEXT.isoformat()),
        conversationEnd=builders.ABSENT,
    )
    later = READ_AT + timedelta(days=1)
    days.lake.land(genesys_interactions.TABLE, NEXT, [lakes.page(1, "conversation_jobs", [new], later)])
    days.lake.settle()
    assert _lagging(days) == []
    days.lake.land(genesys_interactions.TABLE, NEXT, [lakes.page(1, "conversation_jobs", [new, builders.record()], later)])
    days.lake.settle()
    assert _lagging(days) == [D]
    days.lake.build(reconciliation.TABLE, reconciliation.BODY, D)
    assert days.reconciled()[ACW, "sum"]["explained_late"] == 30_000


def test_a_day_whose_cases_differ_is_built_again_when_cases_are_read(tmp_path: Path):
    days = Days(tmp_path, counted=(1, 0))
    assert _lagging(days) == []
    _read_cases(days, NEXT, _case(1))
    assert _lagging(days) == [D]
    days.lake.build(reconciliation.TABLE, reconciliation.BODY, D)
    assert days.reconciled()["created", "count"]["our_value"] == 1
    _read_cases(days, FIRST, _case(2, CreatedDate="2026-11-02T23:00:00.000+0000"))
    assert _lagging(days) == []


def test_what_may_unsettle_a_day_is_what_its_body_says():
    """The names stand in SQL and in the body; one that only one of them knew would never be waited for."""
    assert {table.name for table in reconciliation.BODY.awaits} == set(
        re.findall(r"'((?:raw|staging)_\w+)'", dict(reconciliation.BODY.marks)["settled"])
    )


@pytest.mark.parametrize("changes", [{"until": READ_AT - timedelta(days=3)}, {"crm_until": READ_AT - timedelta(days=3)}])
def test_a_day_that_is_not_final_is_not_compared(changes: dict[str, Any], tmp_path: Path):
    """Like is compared with like: what both have not told yet is no variance."""
    days = Days(tmp_path, **changes)
    assert days.reconciled() == {}
    status = days.status()
    assert (status["is_final"], status["largest_variance"], status["is_reconciled"]) == (False, None, False)


@pytest.mark.shows("S0-64")
def test_cases_created_and_closed_are_compared_with_salesforces_counts(tmp_path: Path):
    """Deleted ones are in neither count; what changed after the count was told is not ours to compare."""
    days = Days(
        tmp_path,
        counted=(2, 1),
        cases=[
            _case(1, ClosedDate="2026-11-03T11:00:00.000+0000"),
            _case(2),
            _case(3, IsDeleted=True),
            _case(4, CreatedDate="2026-11-02T23:59:59.000+0000"),
            _case(5, SystemModstamp="2026-11-05T03:00:00.000+0000"),
        ],
    )
    found = {key: row for key, row in days.reconciled().items() if row["comparison"] == "cases"}
    assert {key: (row["source_value"], row["our_value"]) for key, row in found.items()} == {
        ("created", "count"): (2, 2),
        ("closed", "count"): (1, 1),
        ("resolution_rate", "ratio"): (0.5, 0.5),
    }


def test_a_day_on_which_no_case_was_created_has_no_resolution_rate(tmp_path: Path):
    assert ("resolution_rate", "ratio") not in Days(tmp_path).reconciled()
