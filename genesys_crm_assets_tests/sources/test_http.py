import json
import logging
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.sources.errors import BodyDamaged, RateLimited, ServerFault, Unreachable
from genesys_crm_assets.sources.http import Answer, Courier, Effort, RetryPolicy, decoded, put_off, retry_after_seconds
from genesys_crm_assets_tests.sources.scripted_time import NOON, Time, limiter

NOW = NOON.timestamp()


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Answer:
    return Answer("GET", "https://api.example.com/x", status, headers, body, NOON)


def courier(time: Time, folder: Path, *, draw: float = 0.5, **policy: float) -> Courier:
    return Courier(
        policy=RetryPolicy(**policy), limiter=limiter(time, folder), sleep=time.sleep, monotonic=time.monotonic, random=lambda: draw
    )


def failing(*events: Exception | Answer):
    left = list(events)

    def send() -> Answer:
        event = left.pop(0)
        if isinstance(event, Exception):
            raise event
        return event

    return send


def deliver(post: Courier, *events: Exception | Answer, effort: Effort | None = None) -> Answer:
    return post.deliver(failing(*events), lambda good: good, effort or Effort())[0]


@pytest.mark.shows("S0-28", "S2-22")
@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 8.0),
        (" 0 ", 1.0),
        ("2.5", 3.5),
        (format_datetime(NOON + timedelta(seconds=40), usegmt=True), 41.0),
        (format_datetime(NOON - timedelta(seconds=40), usegmt=True), None),
        ("-3", None),
        ("soon", None),
        ("", None),
        ("\u0667", None),
        ("86400", 86401.0),
        ("Fri, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_rounded_up(told: str, seconds: float | None):
    """F-2. Whole seconds were rounded by who told them: one more is waited."""
    assert retry_after_seconds({"retry-after": told}, now=NOW) == seconds


def test_a_date_to_retry_after_is_read_against_the_clock_of_who_told_it():
    """Our clock may be ten minutes off; theirs agrees with itself."""
    theirs = NOON + timedelta(minutes=10)
    headers = {"retry-after": format_datetime(theirs + timedelta(seconds=5), usegmt=True), "date": format_datetime(theirs, usegmt=True)}
    assert retry_after_seconds(headers, now=NOW) == 6.0


@pytest.mark.shows("S0-28", "S2-32")
@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8))
def test_backoff_is_drawn_from_zero_to_a_ceiling_that_doubles(tmp_path_factory: pytest.TempPathFactory, draws: list[float]):
    """Full jitter: those who failed together do not come back together."""
    time, left = Time(), list(draws)
    post = courier(time, tmp_path_factory.mktemp("limits"))
    post._random = lambda: left.pop(0)
    with pytest.raises(ServerFault):
        deliver(post, *[ServerFault("down")] * 8)
    ceilings = [0.5, 1, 2, 4, 8, 16, 32]
    assert time.slept == pytest.approx([draw * ceiling for draw, ceiling in zip(draws, ceilings, strict=False)])


def test_a_storm_of_429s_without_a_wait_ends_within_bounds(tmp_path: Path):
    """F-3."""
    time, effort = Time(), Effort()
    with pytest.raises(RateLimited):
        deliver(courier(time, tmp_path), *[RateLimited("slow down")] * 40, effort=effort)
    assert effort.attempts == 8
    assert 0 < sum(time.slept) < 64


@pytest.mark.shows("S0-28")
def test_a_wait_that_was_told_is_waited_and_counted(tmp_path: Path):
    time, effort = Time(), Effort()
    refusal = put_off(RateLimited, "slow down", answer(429, **{"retry-after": "7"}), at=answer(429).exchange(), now=NOW)
    deliver(courier(time, tmp_path), refusal, answer(), effort=effort)
    assert time.slept == pytest.approx([8.0])
    assert (effort.attempts, effort.waited_ms) == (2, 8000)


def test_a_wait_of_a_day_fails_at_once_and_says_when_to_come_back(tmp_path: Path):
    """F-2: a run that sleeps for a day cannot be told from one that hangs. Other processes must keep away too."""
    time = Time()
    refusal = RateLimited("slow down", retry_after_s=86_401.0, retry_after="86400")
    post = courier(time, tmp_path)
    with pytest.raises(RateLimited) as caught:
        deliver(post, refusal, answer())
    assert caught.value.retry_after_s == 86_401.0
    assert time.slept == []
    with pytest.raises(RateLimited, match="86401 more seconds"):
        deliver(courier(time, tmp_path), answer())


def test_no_attempt_begins_after_the_time_for_all_of_them(tmp_path: Path):
    time = Time()
    with pytest.raises(Unreachable):
        deliver(courier(time, tmp_path, draw=0.99, elapsed_s=10.0), *[Unreachable("gone")] * 8)
    assert sum(time.slept) <= 10


def test_a_damaged_body_is_asked_for_three_times_and_no_more(tmp_path: Path):
    """F-12: what is damaged thrice is not an accident."""
    time, effort = Time(), Effort()
    post = courier(time, tmp_path)
    with pytest.raises(BodyDamaged):
        post.deliver(failing(*[answer(body=b"<html>")] * 8), lambda good: decoded(good, dict), effort)
    assert effort.attempts == 3


@pytest.mark.shows("S2-33")
def test_each_429_leaves_one_record_with_its_retry_after(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    refusals = [RateLimited("no", retry_after_s=8.0, retry_after="7", at=answer(429).exchange()) for _ in range(3)]
    with caplog.at_level(logging.INFO, "genesys_crm_assets"):
        deliver(courier(Time(), tmp_path), *refusals, answer())
    limited = [record.getMessage() for record in caplog.records if "Retry-After" in record.getMessage()]
    assert limited == [f"RateLimited: GET https://api.example.com/x -> 429, Retry-After 7, attempt {n}, 0 ms" for n in (1, 2, 3)]
    assert caplog.records[-1].getMessage() == "GET https://api.example.com/x -> 200, attempt 4, 0 ms, 2 bytes"


def test_a_header_cannot_forge_a_log_record(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """F-69."""
    refusal = RateLimited("no", retry_after="1\n2026 CRITICAL all is lost")
    with caplog.at_level(logging.INFO, "genesys_crm_assets"):
        deliver(courier(Time(), tmp_path), refusal, answer())
    assert len(caplog.text.splitlines()) == len(caplog.records) == 2


class Envelope(msgspec.Struct):
    conversations: list[msgspec.Raw]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"conversations":[{"a":1}',
        b'{"conversations":[{"a":NaN}]}',
        b'{"conversations":[{"a":"\xff\xfe"}]}',
        b'\xef\xbb\xbf{"conversations":[]}',
        b'{"message":"all is well"}',
        b'{"conversations":{}}',
        b'{"conversations":[]} {"conversations":[]}',
        b"null",
        b'{"conversations":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
)
def test_a_body_that_is_not_what_was_promised_is_damage_and_never_an_empty_answer(body: bytes):
    """F-12, F-13."""
    with pytest.raises(BodyDamaged):
        decoded(answer(body=body), Envelope)


def test_the_reason_of_a_damaged_body_does_not_repeat_it():
    """F-80: a body is full of people."""
    body = json.dumps({"conversations": "anna@example.com"}).encode()
    with pytest.raises(BodyDamaged) as caught:
        decoded(answer(body=body), Envelope)
    assert "anna" not in str(caught.value)
