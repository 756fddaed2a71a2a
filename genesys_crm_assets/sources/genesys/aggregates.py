"""The vendor's own totals (Genesys: conversation aggregates). Like the screens of Genesys, they count by the time a metric was emitted."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from genesys_crm_assets.sources.errors import BodyDamaged
from genesys_crm_assets.sources.genesys.feeds import Interval
from genesys_crm_assets.sources.genesys.wire import Request
from genesys_crm_assets.sources.http import Answer, decoded

FEED = "aggregates_query"
_PATH = "/api/v2/analytics/conversations/aggregates/query"
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]*")


class _Envelope(msgspec.Struct):
    results: list[msgspec.Raw] | None = None
    message: Any = None
    code: Any = None
    status: Any = None


def question(interval: Interval, *, metrics: Sequence[str], group_by: Sequence[str]) -> Request:
    """The request. The zone is always said, though UTC is the default: an org's zone may change under us (S0-22, S0-26).

    Raises:
        ValueError: no metric, or a name that cannot be one; the vendor's 400 would not say which (S0-21).
    """
    wrong = [name for name in (*metrics, *group_by) if not _NAME.fullmatch(name)]
    if wrong or not metrics or len(set(metrics)) != len(metrics):
        raise ValueError(f"metrics must be distinct and all be names, of which there is at least one: {wrong or list(metrics)}")
    body = {"interval": str(interval), "timeZone": "UTC", "groupBy": list(group_by), "metrics": list(metrics)}
    return Request("POST", _PATH, body=body)


def count_results(answer: Answer) -> int:
    """How many groups came. No `results` means no groups, but not in a body that looks like an error.

    Raises:
        BodyDamaged: it is not such an answer.
    """
    told = decoded(answer, _Envelope)
    if told.results is None and any(value is not None for value in (told.message, told.code, told.status)):
        raise BodyDamaged("The body is an error in the clothes of a success", at=answer.exchange())
    return len(told.results or ())
