"""How much of the org's daily allocation is used, as every answer tells it (Salesforce: usage signals; S0-73)."""

import re
import threading
from collections.abc import Callable, Mapping

from genesys_crm_assets.sources.errors import QuotaExhausted

_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
_STALE_AFTER_S = 900.0


def usage(header: str) -> tuple[int, int] | None:
    """Used and allowed requests from `Sforce-Limit-Info`, whatever stands beside them (bursts, per-app usage); None where not told."""
    found = _USAGE.search(header)
    return (int(found[1]), int(found[2])) if found else None


class Budget:
    """The share of the allocation that may be used up before we stop asking.

    What counts is the use by everybody: the allocation is the org's, and the rest is other people's headroom.

    Args:
        daily_share: above this share no further request is sent.
        monotonic: what was told long ago is forgotten, since the allocation rolls on.
    """

    def __init__(self, *, daily_share: float, monotonic: Callable[[], float]) -> None:
        self._daily_share = daily_share
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._told: tuple[int, int, float] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer tells."""
        told = usage(headers.get("sforce-limit-info", ""))
        if told is not None:
            with self._lock:
                self._told = (*told, self._monotonic())

    def check(self) -> None:
        """Refuse to spend more than our share.

        Raises:
            QuotaExhausted: the share is used up.
        """
        with self._lock:
            told = self._told
        if told is None or self._monotonic() - told[2] > _STALE_AFTER_S:
            return
        used, allowed, _ = told
        if used > allowed * self._daily_share:
            raise QuotaExhausted(f"{used} of the org's {allowed} daily requests are used, more than a share of {self._daily_share:g}")
