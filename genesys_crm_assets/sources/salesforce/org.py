"""One Salesforce org: what can be asked of it.

simple-salesforce builds the addresses and knows the protocol; our session carries them, our loop is patient with them, and our
pages keep the bytes that it would have parsed away.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote_plus

import msgspec
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from genesys_crm_assets.sources.errors import BodyDamaged, RequestRejected
from genesys_crm_assets.sources.hosts import Host, redacted
from genesys_crm_assets.sources.http import Answer, Courier, Effort, RetryPolicy, decoded
from genesys_crm_assets.sources.pacing import Limiter
from genesys_crm_assets.sources.paging import Page, request_text, utc
from genesys_crm_assets.sources.salesforce import soql
from genesys_crm_assets.sources.salesforce.auth import DEFAULT_LIFE_S, Login, answered
from genesys_crm_assets.sources.salesforce.faults import judge
from genesys_crm_assets.sources.salesforce.limits import Budget
from genesys_crm_assets.sources.salesforce.walk import Records, Walk, read_count, read_records
from genesys_crm_assets.sources.salesforce.wire import Bearer, guard
from genesys_crm_assets.sources.tokens import Secret, Tokens

_Result = TypeVar("_Result")
_VERSION = re.compile(r"[0-9]{2,3}\.0")
_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_COUNT = re.compile(r"SELECT\s+COUNT\(\)\s+FROM\s", re.IGNORECASE)
_LONGEST_QUERY = 14_000  # bytes once encoded; Salesforce allows 16,384 for address and headers together, bearer included


class _Covered(msgspec.Struct):
    latestDateCovered: str  # noqa: N815 — the vendor's spelling


class SalesforceOrg:
    """One org, for as many threads as like.

    Args:
        url: the org's My Domain; login and API. Plain http on loopback only.
        client_id: of the app.
        client_secret: or what fetches it.
        refresh_token: where the org allows only the web-server flow.
        version: of the API, such as `68.0`.
        limiter: of this org.
        clock: UTC now, written into pages.
        sleep: waits for so many seconds.
        monotonic: seconds that no wall clock turns back.
        random: draws from [0, 1).
        daily_share: of the daily allocation, above which nothing more is asked.
        session: whose adapter for `url` does the sending; a new one by default. It is changed: only this org can be reached by it.
        policy: patience with requests.

    Raises:
        StrayHost: the URL is not an origin, or unencrypted.
        ValueError: no such version.
    """

    def __init__(  # noqa: PLR0913 — everything from outside comes in by name
        self,
        *,
        url: str,
        client_id: str,
        client_secret: Secret,
        version: str,
        limiter: Limiter,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        daily_share: float,
        refresh_token: Secret | None = None,
        session: requests.Session | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        if not _VERSION.fullmatch(version):
            raise ValueError(f"not a version of the API, such as 68.0: {version[:20]!r}; set SALESFORCE_API_VERSION")
        policy = policy or RetryPolicy()
        self._host = Host.of(url, setting="SALESFORCE_URL")
        self._session = guard(session or requests.Session(), self._host, policy=policy, monotonic=monotonic)
        self._courier = Courier(policy=policy, limiter=limiter, sleep=sleep, monotonic=monotonic, random=random)
        self._budget = Budget(daily_share=daily_share, monotonic=monotonic)
        self._clock = clock
        self._now = limiter.now
        self._base = f"/services/data/v{version}/"
        login = Login(self._host, self._session, self._courier, clock, limiter.now, client_id, client_secret, refresh_token)
        self._tokens = Tokens(fetch=login, monotonic=monotonic, default_life_s=DEFAULT_LIFE_S)
        # The session id is never sent: every call brings its own bearer.
        self._sf = Salesforce(
            session_id="", instance=self._host.https.netloc, version=version, session=self._session, object_pairs_hook=dict
        )
        # It asks for indented bodies by default, and bodies are kept verbatim.
        del self._sf.headers["X-PrettyPrint"]

    def query(self, query: str, *, include_deleted: bool = True, resume: str | None = None) -> Iterator[Page]:
        """Pages of records, verbatim, deleted and merged ones too unless told otherwise.

        `resume` is the checkpoint of a page of the same query, good for two days: what follows that page comes.

        Raises:
            RequestRejected: the query is too long for an address, or wrong.
            CursorRejected: Salesforce does not know the locator any more, the query took too long, or the checkpoint is another's.
            TotalNotReached: the walk ended before the total that its first page promised.
            SourceError: as `errors.py` draws it, here and in the other methods.
        """
        self._measure(query)
        walk = Walk.of(query, resume, first_path=f"{self._base}{'queryAll' if include_deleted else 'query'}/")
        effort = Effort()

        def ask(link: str | None) -> tuple[Answer, Records]:
            if link is None:
                first = partial(self._sf.query, query, include_deleted=include_deleted)
                return self._ask(first, read_records, effort)
            following = partial(self._sf.query_more, self._host.follow(link, under="/services/data/"), identifier_is_url=True)
            return self._ask(following, read_records, effort, is_continuation=True)

        return walk.pages(ask, effort)

    def count(self, query: str) -> Page:
        """`SELECT COUNT() FROM …` without deleted records; the count is `record_count`.

        Raises:
            ValueError: another kind of query.
        """
        if not _COUNT.match(query):
            raise ValueError("count takes SELECT COUNT() FROM …, as soql.count writes it")
        self._measure(query)
        effort = Effort()
        answer, total = self._ask(partial(self._sf.query, query, include_deleted=False), read_count, effort)
        return Page(
            number=1,
            feed="salesforce_count",
            request=request_text("GET", f"{self._base}query/", {"q": query}),
            cursor=None,
            body=answer.body,
            record_count=total,
            received_at=answer.received_at,
            attempts=effort.attempts,
            waited_ms=effort.waited_ms,
            data_available_until=None,
            checkpoint=None,
            is_last=True,
        )

    def latest_date_covered(self, sobject: str, *, start: datetime, end: datetime) -> datetime:
        """Up to when every change of `sobject` is committed and visible, UTC, not after `end` (Salesforce: updated).

        `start` lies at most 30 days back and at least a minute before `end`; seconds are ignored by the vendor.
        """
        params = {"start": soql.datetime_literal(start.replace(microsecond=0)), "end": soql.datetime_literal(end.replace(microsecond=0))}
        call = partial(self._sf.restful, f"sobjects/{_object(sobject)}/updated/", params=params)
        return self._ask(call, _read_covered, Effort())[1]

    def describe(self, sobject: str) -> dict[str, Any]:
        """The fields that we may read of `sobject`, and what kind they are, as told."""
        return self._ask(partial(self._sf.restful, f"sobjects/{_object(sobject)}/describe"), _read_object, Effort())[1]

    def limits(self) -> dict[str, Any]:
        """`Max` and `Remaining` of every allocation, as told. Needs the permission View Setup and Configuration."""
        return self._ask(self._sf.limits, _read_object, Effort())[1]

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _measure(self, query: str) -> None:
        size = len(quote_plus(query))
        if size > _LONGEST_QUERY:
            raise RequestRejected(f"The query is {size} bytes long once encoded, more than {_LONGEST_QUERY}", remedy="Split its IN list")

    def _ask(
        self, call: Callable[..., Any], read: Callable[[Answer], _Result], effort: Effort, *, is_continuation: bool = False
    ) -> tuple[Answer, _Result]:
        def with_token(token: str) -> tuple[Answer, _Result]:
            return self._courier.deliver(partial(self._send, call, token, is_continuation=is_continuation), read, effort)

        self._budget.check()
        return self._tokens.spend(with_token)

    def _send(self, call: Callable[..., Any], token: str, *, is_continuation: bool) -> Answer:
        """One attempt by simple-salesforce. What it makes of the answer is dropped: the answer itself is judged here."""
        seen: list[requests.Response] = []

        def keep(response: requests.Response, **_: Any) -> None:
            seen.append(response)

        try:
            call(auth=Bearer(token), allow_redirects=False, hooks={"response": keep})
        except (SalesforceError, ValueError, RecursionError):
            if not seen:
                raise
        response = seen[-1]
        answer = answered(response, redacted(response.url), self._clock())
        self._budget.note(answer.headers)
        return judge(answer, now=self._now(), is_continuation=is_continuation)


def _object(name: str) -> str:
    if not _OBJECT.fullmatch(name):
        raise ValueError(f"not an sObject: {name[:80]!r}")
    return name


def _read_object(answer: Answer) -> dict[str, Any]:
    return decoded(answer, dict[str, Any])


def _read_covered(answer: Answer) -> datetime:
    try:
        return utc(decoded(answer, _Covered).latestDateCovered)
    except ValueError:
        raise BodyDamaged("The body's latestDateCovered is no time", at=answer.exchange()) from None
