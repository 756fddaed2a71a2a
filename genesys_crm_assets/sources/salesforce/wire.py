"""What a `requests.Session` needs before it may speak to an org: one host only, http for loopback, limits of time and size.

simple-salesforce always builds `https://` addresses, sets no timeout and follows redirects; the session sets that right, so that
nothing of the library is replaced (Salesforce: running it against a local server).
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.auth import AuthBase

from genesys_crm_assets.sources.errors import BodyDamaged, Exchange, RedirectRefused, StrayHost, Unreachable
from genesys_crm_assets.sources.hosts import Host, redacted
from genesys_crm_assets.sources.http import RetryPolicy

_PIECE = 65_536


class Bearer(AuthBase):
    """Puts a token on a request. That a refused one is renewed is `tokens.Tokens`' doing, so that the second sending is paced and counted too."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Overwrite whatever authorization the library has put there."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class GuardedAdapter(BaseAdapter):
    """The only way out of the session.

    Args:
        host: the org; anything else is refused before a byte is sent (F-65).
        inner: what really sends.
        policy: its times and sizes.
        monotonic: for the total time of an answer.
    """

    def __init__(self, host: Host, inner: BaseAdapter, *, policy: RetryPolicy, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._host = host
        self._inner = inner
        self._policy = policy
        self._monotonic = monotonic

    def send(  # noqa: PLR0913, PLR0917 — the signature of requests
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 — likewise; every answer is read here
        timeout: Any = None,  # noqa: ARG002 — likewise; the policy's times hold for every request
        verify: bool | str = True,  # noqa: FBT001, FBT002 — likewise
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send to the org, and read the whole answer before anybody sees it."""
        url = request.url or ""
        if not (self._host.https.is_origin_of(url) or self._host.is_origin_of(url)):
            raise StrayHost(f"A request was about to go to {redacted(url)} instead of {self._host.url}")
        request.url = self._host.url + url[url.index("/", len("https://")) :]
        at = Exchange(request.method or "", redacted(request.url))
        deadline = self._monotonic() + self._policy.total_s
        times = (self._policy.connect_s, self._policy.read_s)
        try:
            response = self._inner.send(request, stream=True, timeout=times, verify=verify, cert=cert, proxies=proxies)
        except requests.RequestException as error:
            # The text of a requests error holds the address with its query.
            raise Unreachable(f"No answer ({type(error).__name__})", at=at) from None
        at = Exchange(at.method, at.url, response.status_code)
        try:
            body = self._read(response, at, deadline)
        finally:
            response.close()
        if response.is_redirect:
            raise RedirectRefused("Salesforce redirects", at=at)
        response.raw = io.BytesIO(body)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _read(self, response: requests.Response, at: Exchange, deadline: float) -> bytes:
        body = bytearray()
        try:
            # read1 gives what is there; read would wait for the whole piece, however slowly it drips.
            while piece := response.raw.read1(_PIECE, decode_content=True):
                body += piece
                if len(body) > self._policy.body_max_bytes:
                    raise BodyDamaged(f"The body is longer than {self._policy.body_max_bytes} bytes", at=at)
                if self._monotonic() > deadline:
                    raise Unreachable(f"The answer is still dripping after {self._policy.total_s:g} s", at=at)
        except urllib3.exceptions.TimeoutError as error:
            raise Unreachable(f"No answer in time ({type(error).__name__})", at=at) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise BodyDamaged(f"The body was cut short or cannot be decompressed ({type(error).__name__})", at=at) from None
        return bytes(body)


def guard(session: requests.Session, host: Host, *, policy: RetryPolicy, monotonic: Callable[[], float]) -> requests.Session:
    """The session, with the guarded adapter as its only one, around whatever it would have used for this host."""
    inner = session.get_adapter(host.url + "/")
    session.adapters.clear()
    for prefix in ("https://", "http://"):
        session.mount(prefix, GuardedAdapter(host, inner, policy=policy, monotonic=monotonic))
    # A proxy named in the environment must not be asked for what runs on this machine.
    session.trust_env = not host.loopback
    return session
