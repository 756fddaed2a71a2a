"""One request through limits, faults and waits; the same rules for both vendors.

The vendor's rooms bring the sending (`wire.py`) and the judging (`faults.py`); the patience is here.
"""

import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from genesys_crm_assets.sources.errors import BodyDamaged, Exchange, RateLimited, SourceError, Transient, one_line
from genesys_crm_assets.sources.pacing import Limiter

_log = logging.getLogger(__name__)
_HURRY_S = 2.0
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
_Shape = TypeVar("_Shape")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient we are. Times in seconds.

    Attributes:
        attempts: how often one request is sent at most.
        damaged_attempts: how often at most when it is the body that is damaged.
        elapsed_s: no further attempt begins when it would begin later than this after the first.
        wait_initial_s: ceiling of the first backoff; it doubles up to `wait_max_s`, and each wait is drawn from [0, ceiling).
        wait_max_s: ceiling of all of them.
        retry_after_max_s: a vendor that asks for more than this is not waited for within the run.
        connect_s: for connecting.
        read_s: for each piece of the answer.
        total_s: for the whole of one answer, however steadily it drips.
        body_max_bytes: a longer body, once decompressed, is an attack or a mistake.
    """

    attempts: int = 8
    damaged_attempts: int = 3
    elapsed_s: float = 900.0
    wait_initial_s: float = 0.5
    wait_max_s: float = 60.0
    retry_after_max_s: float = 300.0
    connect_s: float = 10.0
    read_s: float = 60.0
    total_s: float = 300.0
    body_max_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. `headers` are lower-case; `url` is redacted; `received_at` is UTC by the clock handed in."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    def exchange(self, code: str | None = None, correlation_id: str | None = None) -> Exchange:
        """This answer as an error carries it."""
        return Exchange(self.method, self.url, self.status, code, correlation_id)


@dataclass(slots=True)
class Effort:
    """What a page has cost so far: requests sent, and seconds waited for limits and between attempts."""

    attempts: int = 0
    waited_s: float = 0.0

    def take(self) -> "Effort":
        """What has gathered since the last time, leaving nothing."""
        taken = Effort(self.attempts, self.waited_s)
        self.attempts, self.waited_s = 0, 0.0
        return taken

    @property
    def waited_ms(self) -> int:
        """The waits in whole milliseconds."""
        return round(self.waited_s * 1000)


def retry_after_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait by `Retry-After`, in either of its forms; None where it is absent, garbage or in the past (S0-28, F-2).

    Whole seconds are rounded by those who tell them, so one is added. A date is read against the answer's own `Date`, which
    takes the difference of the clocks out; `now` (seconds since 1970) stands in for it.
    """
    told = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(told):
        return float(told) + 1
    when = _http_date(told)
    if when is None:
        return None
    base = _http_date(headers.get("date", "")) or datetime.fromtimestamp(now, UTC)
    seconds = math.ceil((when - base).total_seconds())
    return float(seconds + 1) if seconds >= 0 else None


def put_off(fault: type[Transient], what: str, answer: Answer, *, at: Exchange, now: float) -> Transient:
    """A transient error that remembers how long the vendor asked us to wait."""
    wait = retry_after_seconds(answer.headers, now=now)
    return fault(what, at=at, retry_after_s=wait, retry_after=answer.headers.get("retry-after"))


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def decoded(answer: Answer, shape: type[_Shape]) -> _Shape:
    """The body as `shape`.

    Raises:
        BodyDamaged: it is not UTF-8, not JSON, or JSON of another shape. None of these is ever an empty answer (F-12, F-13).
    """
    try:
        # msgspec steps over the bytes of a Raw without looking whether they are UTF-8.
        answer.body.decode("utf-8")
        return msgspec.json.decode(answer.body, type=shape)
    except UnicodeDecodeError:
        flaw = "is not UTF-8"
    except msgspec.ValidationError as error:
        flaw = f"is not what was promised: {one_line(str(error), 120)}"
    except msgspec.DecodeError:
        flaw = f"is not JSON ({len(answer.body)} bytes)"
    except RecursionError:
        flaw = "is nested too deeply"
    raise BodyDamaged(f"The body {flaw}", at=answer.exchange())


class Courier:
    """The one retry loop of a request.

    Not stamina, as elsewhere: it takes no sleep, clock or randomness of ours, so no wait could be asserted; and a vendor's pause has
    to hold back every process of the org, not the one that was told. It is bounded in attempts and in time, its waits are drawn with
    full jitter (S2-32), and a `Retry-After` is obeyed by all (P7).
    """

    def __init__(
        self,
        *,
        policy: RetryPolicy,
        limiter: Limiter,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self.policy = policy
        self._limiter = limiter
        self._sleep = sleep
        self._monotonic = monotonic
        self._random = random

    def deliver(
        self, send: Callable[[], Answer], read: Callable[[Answer], _Result], effort: Effort, *, only_once: bool = False
    ) -> tuple[Answer, _Result]:
        """Send until it succeeds, patience ends, or an error says that sending again is of no use.

        Args:
            send: one attempt; returns an answer with a good status, or raises.
            read: makes sense of the answer, or raises; part of the attempt, since a damaged body is worth asking for again.
            effort: grows by what this costs.
            only_once: one attempt and hardly any wait, for what must not hold up an ending.

        Raises:
            SourceError: the last one that `send` or `read` raised.
        """
        began = self._monotonic()
        tried = 0
        while True:
            tried += 1
            with self._limiter.acquire(_HURRY_S if only_once else math.inf) as waited:
                effort.waited_s += waited
                effort.attempts += 1
                outcome = self._attempt(send, read, tried)
                if not isinstance(outcome, Transient):
                    return outcome
                delay, is_shared = self._hold_back(outcome, tried)
            is_late = self._monotonic() - began + delay > self.policy.elapsed_s
            if only_once or is_late or self._is_hopeless(outcome, tried):
                raise outcome
            # A shared pause is waited out where everybody waits it out: before the next request.
            if not is_shared:
                self._sleep(delay)
                effort.waited_s += delay

    def _attempt(self, send: Callable[[], Answer], read: Callable[[Answer], _Result], number: int) -> tuple[Answer, _Result] | Transient:
        began = self._monotonic()
        try:
            answer = send()
            result = read(answer)
        except SourceError as error:
            self._complain(error, number, began)
            if not isinstance(error, Transient):
                raise
            return error
        spent = round((self._monotonic() - began) * 1000)
        _log.info("%s %s -> %d, attempt %d, %d ms, %d bytes", answer.method, answer.url, answer.status, number, spent, len(answer.body))
        return answer, result

    def _complain(self, error: SourceError, number: int, began: float) -> None:
        told = error.retry_after if isinstance(error, Transient) else None
        wait = "" if told is None else f", Retry-After {one_line(told, 80)}"
        event = f"{type(error).__name__}: {error.method} {error.url} -> {error.status}{wait}"
        _log.warning("%s, attempt %d, %d ms", event, number, round((self._monotonic() - began) * 1000))

    def _hold_back(self, error: Transient, tried: int) -> tuple[float, bool]:
        """Seconds until the next attempt, and whether every process of the org waits them too."""
        told = error.retry_after_s
        # Doubling stops long before it could overflow a float.
        ceiling = min(self.policy.wait_max_s, self.policy.wait_initial_s * 2.0 ** min(tried - 1, 30))
        delay = self._random() * ceiling if told is None else told
        if told is None and not isinstance(error, RateLimited):
            return delay, False
        self._limiter.penalise(self._limiter.now() + delay)
        return delay, True

    def _is_hopeless(self, error: Transient, tried: int) -> bool:
        most = self.policy.damaged_attempts if isinstance(error, BodyDamaged) else self.policy.attempts
        too_long = error.retry_after_s is not None and error.retry_after_s > self.policy.retry_after_max_s
        return not error.resend or too_long or tried >= most
