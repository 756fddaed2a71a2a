"""Time that moves only when somebody sleeps, or when a test says so."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from genesys_crm_assets.sources.pacing import Limiter

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.passed = 0.0
        self.skew = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.passed += seconds

    def monotonic(self) -> float:
        return self.passed

    def wall(self) -> float:
        return NOON.timestamp() + self.passed + self.skew

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.wall(), UTC)


def limiter(time: Time, folder: Path, *, per_minute: int = 10_000, concurrent: int = 4, max_pause_s: float = 300.0) -> Limiter:
    return Limiter(
        folder, requests_per_minute=per_minute, max_concurrent=concurrent, clock=time.wall, sleep=time.sleep, max_pause_s=max_pause_s
    )
