"""A bearer token, and when to ask for another: at four fifths of its life, and once when it is refused.

How a vendor hands one out is in that vendor's `auth.py`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from genesys_crm_assets.sources.errors import TokenRejected

_RENEW_AT = 0.8
_LONGEST_LIFE_S = 172_800.0  # Genesys: 48 hours is the longest that can be configured
_Result = TypeVar("_Result")

Secret = str | Callable[[], str]
"""A secret, or what fetches it. A call is made for each token, so that a rotated secret is found without a new process (S4-24)."""


def reveal(secret: Secret) -> str:
    """The secret itself, for the moment in which it is sent."""
    return secret if isinstance(secret, str) else secret()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token endpoint gave. `expires_in` is as told: seconds, or whatever else the vendor put there."""

    token: str = field(repr=False)
    expires_in: object = None


class Tokens:
    """The one token of one client, shared by its threads.

    Args:
        fetch: asks the vendor for a grant.
        monotonic: seconds that wall clocks cannot turn back (F-7).
        default_life_s: taken where the vendor tells no usable life; short enough to be safe, long enough not to ask in a loop (F-8).
    """

    def __init__(self, *, fetch: Callable[[], Grant], monotonic: Callable[[], float], default_life_s: float) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._default_life_s = default_life_s
        self._lock = threading.Lock()
        self._token: str | None = None
        self._renew_at = 0.0

    def spend(self, send: Callable[[str], _Result]) -> _Result:
        """Send with a token; if it is refused, once more with a new one (S0-44).

        Raises:
            TokenRejected: the new one is refused too, or none is given.
        """
        token = self.bearer()
        try:
            return send(token)
        except TokenRejected:
            renewed = self.renew(refused=token)
        return send(renewed)

    def bearer(self) -> str:
        """A token that should be good, new if four fifths of the old one's life have passed (S2-9)."""
        with self._lock:
            if self._token is None or self._monotonic() >= self._renew_at:
                return self._ask()
            return self._token

    def renew(self, *, refused: str) -> str:
        """A token other than `refused`. Of several threads that saw the same refusal one asks, the others get what it got."""
        with self._lock:
            if self._token is None or self._token == refused:
                return self._ask()
            return self._token

    def _ask(self) -> str:
        self._token = None
        grant = self._fetch()
        self._token = grant.token
        self._renew_at = self._monotonic() + _RENEW_AT * self._life(grant.expires_in)
        return grant.token

    def _life(self, told: object) -> float:
        if isinstance(told, bool) or not isinstance(told, (int, float, str)):
            return self._default_life_s
        try:
            seconds = float(told)
        except ValueError:
            return self._default_life_s
        # The comparison also turns away what is not a number.
        return min(seconds, _LONGEST_LIFE_S) if seconds > 0 else self._default_life_s
