"""A job runs on real time and keeps what it found."""

import json

import pytest

from genesys_crm_assets.sandbox.jobs import Jobs
from genesys_crm_assets.sandbox.refusals import Refusal


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
def jobs(seconds: list[float]):
    return Jobs(3.0, 100.0, lambda: seconds[0])


def test_a_job_goes_through_its_states(jobs: Jobs, seconds: list[float]):
    job = jobs.submit([b"{}"], "2026-01-05T00:00:00Z")
    states = []
    for seconds[0] in (0.5, 1.5, 3.0, 100.0):
        states.append(jobs.state(job))
    assert states == ["QUEUED", "PENDING", "FULFILLED", "EXPIRED"]
    job.deleted = True
    assert jobs.state(job) == "CANCELLED"


def test_pages_follow_the_cursor_and_the_last_one_has_none(jobs: Jobs, seconds: list[float]):
    job = jobs.submit([str(number).encode() for number in range(5)], "2026-01-05T00:00:00Z")
    seconds[0] = 3.0
    pages = [json.loads(jobs.page(job, None, 2))]
    while "cursor" in pages[-1]:
        pages.append(json.loads(jobs.page(job, pages[-1]["cursor"], 2)))
    assert [page["conversations"] for page in pages] == [[0, 1], [2, 3], [4]]
    assert {page["dataAvailabilityDate"] for page in pages} == {"2026-01-05T00:00:00Z"}


def test_an_empty_result_has_no_conversations_at_all(jobs: Jobs, seconds: list[float]):
    job = jobs.submit([], "2026-01-05T00:00:00Z")
    seconds[0] = 3.0
    assert json.loads(jobs.page(job, None, 2)) == {"dataAvailabilityDate": "2026-01-05T00:00:00Z"}


def test_a_cursor_of_another_job_is_refused(jobs: Jobs, seconds: list[float]):
    first, second = (jobs.submit([b"1", b"2", b"3"], "2026-01-05T00:00:00Z") for _ in range(2))
    with pytest.raises(Refusal):
        jobs.page(first, None, 1)
    seconds[0] = 3.0
    cursor = json.loads(jobs.page(first, None, 1))["cursor"]
    for foreign in (cursor, "###", "abc="):
        with pytest.raises(Refusal):
            jobs.page(second, foreign, 1)
    seconds[0] = 100.0
    with pytest.raises(Refusal):
        jobs.page(first, cursor, 1)
