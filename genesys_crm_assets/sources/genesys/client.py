"""One Genesys org: what can be asked of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import httpx
import msgspec

from genesys_crm_assets.sources.genesys import adherence, aggregates, external_contacts, reference
from genesys_crm_assets.sources.genesys.auth import DEFAULT_LIFE_S, fetcher
from genesys_crm_assets.sources.genesys.faults import judge
from genesys_crm_assets.sources.genesys.feeds import FEEDS, Interval, moment_of
from genesys_crm_assets.sources.genesys.jobs import DETAILS_JOBS, Ask, JobPatience, Jobs
from genesys_crm_assets.sources.genesys.walk import Walk
from genesys_crm_assets.sources.genesys.wire import Request, Wire
from genesys_crm_assets.sources.hosts import Host
from genesys_crm_assets.sources.http import Answer, Courier, Effort, RetryPolicy, decoded
from genesys_crm_assets.sources.pacing import Limiter
from genesys_crm_assets.sources.paging import Page, request_text
from genesys_crm_assets.sources.tokens import Secret, Tokens

_Result = TypeVar("_Result")


class _Availability(msgspec.Struct):
    dataAvailabilityDate: str  # noqa: N815 — the vendor's spelling


class Genesys:
    """One org by one OAuth client, for as many threads as like.

    Args:
        api_url: origin of the platform API.
        login_url: origin that hands out tokens. Plain http for either on loopback only.
        client_id: of the OAuth client.
        client_secret: or what fetches it.
        limiter: of this org.
        clock: UTC now, written into pages.
        sleep: waits for so many seconds.
        monotonic: seconds that no wall clock turns back.
        random: draws from [0, 1).
        transport: httpx's seam; None for the network.
        policy: patience with requests.
        patience: patience with jobs.

    Raises:
        StrayHost: a URL is not an origin, or unencrypted.
    """

    def __init__(  # noqa: PLR0913 — everything from outside comes in by name
        self,
        *,
        api_url: str,
        login_url: str,
        client_id: str,
        client_secret: Secret,
        limiter: Limiter,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        transport: httpx.BaseTransport | None = None,
        policy: RetryPolicy | None = None,
        patience: JobPatience | None = None,
    ) -> None:
        policy = policy or RetryPolicy()
        wire = partial(Wire, transport=transport, policy=policy, clock=clock, monotonic=monotonic)
        self._wire = wire
        self._api = wire(Host.of(api_url, setting="GENESYS_API_URL"))
        self._login = wire(Host.of(login_url, setting="GENESYS_LOGIN_URL"))
        self._courier = Courier(policy=policy, limiter=limiter, sleep=sleep, monotonic=monotonic, random=random)
        self._now = limiter.now
        self._sleep = sleep
        self._random = random
        self._monotonic = monotonic
        self._patience = patience or JobPatience()
        fetch = fetcher(wire=self._login, courier=self._courier, client_id=client_id, client_secret=client_secret, now=limiter.now)
        self._tokens = Tokens(fetch=fetch, monotonic=monotonic, default_life_s=DEFAULT_LIFE_S)

    def availability(self) -> datetime:
        """Up to when the jobs hold everything, UTC (Genesys: conversation details jobs).

        Raises:
            SourceError: as `errors.py` draws it, here and in the other methods.
        """
        return self._ask(Request("GET", f"{DETAILS_JOBS}/availability"), _read_availability, Effort())[1]

    def interactions(self, feed: str, *, start: datetime, end: datetime, resume: str | None = None) -> Iterator[Page]:
        """Pages of conversations by a feed of `FEEDS`, over the half-open window from `start` to `end`, both aware.

        One record may come in several pages; a window split because it held too much (F-16) tells again what its first
        pages had told. `resume` is the checkpoint of a page of the same window, from this process or another: what follows that
        page comes, numbered on.

        Raises:
            KeyError: no such feed.
            ValueError: the window is empty or its bounds do not say their zone.
            CursorRejected: the vendor does not know the cursor any more; ask again without `resume`, dropping earlier pages.
        """
        window = _window(start, end)
        walk = Walk.of(FEEDS[feed], window, resume)
        effort = Effort()

        def ask(request: Request, read: Callable[[Answer], _Result], *, only_once: bool = False) -> tuple[Answer, _Result]:
            return self._ask(request, read, effort, only_once=only_once)

        jobs = Jobs(ask=ask, sleep=self._sleep, monotonic=self._monotonic, patience=self._patience)
        return walk.pages(jobs, ask, effort)

    def queue_totals(
        self, *, start: datetime, end: datetime, metrics: Sequence[str], group_by: Sequence[str] = ("queueId", "mediaType")
    ) -> Page:
        """The vendor's own count and sum of each metric by group, over the half-open window, by the time of emission (DESIGN §6.6).

        `record_count` is the number of groups; one without data is absent.

        Raises:
            ValueError: the window is empty, or a name cannot be one.
        """
        request = aggregates.question(_window(start, end), metrics=metrics, group_by=group_by)
        effort = Effort()
        answer, groups = self._ask(request, aggregates.count_results, effort)
        return Page(
            number=1,
            feed=aggregates.FEED,
            request=request_text(request.method, request.path, {}, request.body),
            cursor=None,
            body=answer.body,
            record_count=groups,
            received_at=answer.received_at,
            attempts=effort.attempts,
            waited_ms=effort.waited_ms,
            data_available_until=None,
            checkpoint=None,
            is_last=True,
        )

    def adherence(self, management_units: Sequence[str], *, start: datetime, end: datetime, resume: str | None = None) -> Iterator[Page]:
        """Schedule adherence of all agents of the units over the half-open window: a page for each result the job hands out.

        Results are fetched from the hosts they lie on, without our token. `resume` is the checkpoint of a page of the same question.

        Raises:
            ValueError: no unit, or the window is empty.
            CursorRejected: the results are gone; ask again without `resume`, dropping earlier pages.
            PermissionMissing: the client may not read adherence (`wfm:historicalAdherence:view`).
        """
        return self._adherence(adherence.question(management_units, _window(start, end)), resume)

    def _adherence(self, question: dict[str, Any], resume: str | None) -> Iterator[Page]:
        effort = Effort()

        def ask(request: Request, read: Callable[[Answer], _Result], *, only_once: bool = False) -> tuple[Answer, _Result]:
            return self._ask(request, read, effort, only_once=only_once)

        with closing(adherence.Downloads(wire=self._wire, courier=self._courier, now=self._now)) as downloads:
            bulk = adherence.Bulk(ask, downloads, self._patience, self._sleep, self._monotonic)
            yield from bulk.pages(question, resume, effort)

    def reference(self, listing: str) -> Iterator[Page]:
        """Pages of a listing of `reference.LISTINGS`, from its first to its last.

        Raises:
            KeyError: no such listing.
            TotalNotReached: it changed while it was read, or ended early; ask again, dropping the pages that came.
        """
        return reference.walk(reference.LISTINGS[listing], self._api.host, self._ask)

    def external_contacts(self, ids: Sequence[str]) -> Iterator[Page]:
        """Pages of external contacts by their ids, in no order; one that Genesys knows no more is answered too, without a record.

        Raises:
            ServerFault: some cannot be had for as long as we are patient.
            RequestRejected: some are refused for good.
            PermissionMissing: the client may not read them (`externalContacts:contact:view`).
        """
        effort = Effort()
        bulk = external_contacts.Bulk(self._asking(effort), self._courier.policy, self._sleep, self._random)
        return bulk.pages(ids, effort)

    def external_contact(self, contact_id: str, *, expand: Sequence[str] = ()) -> Page:
        """One external contact by itself, with what is only told when asked to expand; a 404 is an answer, without a record.

        Raises:
            PermissionMissing: the client may not read it (`externalContacts:contact:view`).
        """
        effort = Effort()
        return external_contacts.single(contact_id, self._asking(effort), expand, effort)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._login.close()

    def _ask(
        self, request: Request, read: Callable[[Answer], _Result], effort: Effort, *, only_once: bool = False
    ) -> tuple[Answer, _Result]:
        def with_token(token: str) -> tuple[Answer, _Result]:
            return self._courier.deliver(partial(self._send, request, token), read, effort, only_once=only_once)

        return self._tokens.spend(with_token)

    def _asking(self, effort: Effort) -> Ask:
        def ask(request: Request, read: Callable[[Answer], _Result], *, only_once: bool = False) -> tuple[Answer, _Result]:
            return self._ask(request, read, effort, only_once=only_once)

        return ask

    def _send(self, request: Request, token: str) -> Answer:
        answer = self._api.send(request, headers={"Authorization": f"Bearer {token}"})
        if answer.status in request.also_good:
            return answer
        return judge(answer, now=self._now(), needs_job=request.needs_job)


def _read_availability(answer: Answer) -> datetime:
    return moment_of(decoded(answer, _Availability).dataAvailabilityDate, answer)


def _window(start: datetime, end: datetime) -> Interval:
    window = Interval(start, end)
    # Writing it out is what finds a bound without a zone.
    text = str(window)
    if start >= end:
        raise ValueError(f"the window {text} is empty")
    return window
