"""Sending one request by httpx, and reading its answer within the limits of time and size.

One attempt: no retries, no tokens of its own, no opinion about statuses.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from genesys_crm_assets.sources.errors import BodyDamaged, Exchange, RedirectRefused, Unreachable
from genesys_crm_assets.sources.hosts import Host
from genesys_crm_assets.sources.http import Answer, RetryPolicy


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. Sending it twice must do no harm (F-9): a job submitted twice leaves an orphan whose results nobody reads.

    Attributes:
        method: of HTTP.
        path: under the host, encoded.
        query: its parameters, to be encoded.
        body: sent as JSON.
        about: kept beside the page and not sent: the question that a job was submitted with.
        needs_job: it reads a job, by a cursor perhaps; a refusal then means that these are gone.
        also_good: statuses that are answers to this question, such as the 404 of a thing that may be gone.
        signature: the query of a link that was handed out signed, sent as it was told; it is a secret and stands in no message.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    about: Any = None
    needs_job: bool = False
    also_good: frozenset[int] = frozenset()
    signature: str = field(default="", repr=False)


class Wire:
    """The httpx client of one host.

    Args:
        host: the only place it sends to.
        transport: httpx's seam, None for the network.
        policy: its times and sizes.
        clock: UTC now, kept with each answer.
        monotonic: for the total time of an answer.
    """

    def __init__(
        self,
        host: Host,
        *,
        transport: httpx.BaseTransport | None,
        policy: RetryPolicy,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.host = host
        self._policy = policy
        self._clock = clock
        self._monotonic = monotonic
        # At INFO httpx tells every URL with its query, which may be a signature; our own lines say what is needed without it (P8).
        logging.getLogger("httpx").setLevel(logging.WARNING)
        timeout = httpx.Timeout(connect=policy.connect_s, read=policy.read_s, write=policy.read_s, pool=policy.read_s)
        # A proxy named in the environment must not be asked for what runs on this machine.
        self._client = httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=not host.loopback)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, request: Request, **how: Any) -> Answer:
        """One attempt. `how` goes to httpx: headers, auth, form data.

        Raises:
            Unreachable: no answer, or none within the time allowed.
            BodyDamaged: an answer cut short, too long, or impossible to decompress.
            RedirectRefused: an answer that sends us elsewhere.
        """
        at = Exchange(request.method, self.host.url + request.path)
        deadline = self._monotonic() + self._policy.total_s
        headers = {"Accept": "application/json", **how.pop("headers", {})}
        if request.body is not None:
            how["json"] = request.body
        reading = False
        try:
            url = f"{at.url}?{request.signature}" if request.signature else at.url
            # Parameters, even none, would write the query of a signed link anew.
            with self._client.stream(request.method, url, params=dict(request.query) or None, headers=headers, **how) as response:
                reading = True
                at = Exchange(at.method, at.url, response.status_code)
                body = self._read(response, at, deadline)
        except httpx.TimeoutException as error:
            raise Unreachable(f"No answer in time ({type(error).__name__})", at=at) from None
        except httpx.DecodingError:
            raise BodyDamaged("The body cannot be decompressed", at=at) from None
        except httpx.TransportError as error:
            fault = BodyDamaged if reading else Unreachable
            raise fault(f"The connection failed ({type(error).__name__})", at=at) from None
        if response.is_redirect or response.has_redirect_location:
            raise RedirectRefused("The vendor redirects", at=at)
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return Answer(at.method, at.url, response.status_code, lowered, body, self._clock())

    def _read(self, response: httpx.Response, at: Exchange, deadline: float) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self._policy.body_max_bytes:
                raise BodyDamaged(f"The body is longer than {self._policy.body_max_bytes} bytes", at=at)
            if self._monotonic() > deadline:
                raise Unreachable(f"The answer is still dripping after {self._policy.total_s:g} s", at=at)
        promised = response.headers.get("content-length", "")
        came = response.num_bytes_downloaded or len(body)
        # Of a compressed body the transport counts what came; here the length would be another.
        if promised.isdecimal() and "content-encoding" not in response.headers and int(promised) != came:
            raise BodyDamaged(f"{came} of {promised} bytes came", at=at)
        return bytes(body)
