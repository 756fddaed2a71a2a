"""Every reason for which a record cannot be staged occurs, and little else is broken."""

from collections import Counter
from datetime import date

import msgspec
import pytest

from genesys_crm_assets.sandbox import clock, malformed
from genesys_crm_assets.sandbox.identifiers import dice

MIDNIGHT = clock.midnight(date(2026, 1, 5))


@pytest.mark.parametrize(("days", "per_day"), [(1, 50), (3, 600), (7, 2_000), (30, 2_000)])
def test_the_days_of_a_window_bring_every_kind_and_few_of_each(days: int, per_day: int):
    kinds = Counter(kind for place in range(days) for kind in malformed.quota(place, days, per_day))
    assert set(kinds) == set(malformed.KINDS)
    assert sum(kinds.values()) <= max(7, 0.001 * per_day * days)


@pytest.mark.parametrize("kind", malformed.KINDS)
def test_each_kind_is_broken_in_its_own_way(kind: str):
    told = malformed.record(dice(kind), kind, MIDNIGHT)
    body = msgspec.json.decode(told.told)
    day_end = clock.iso(MIDNIGHT + clock.DAY)
    assert told.active(MIDNIGHT, MIDNIGHT + clock.DAY, MIDNIGHT + 9 * clock.DAY)
    if kind == "not_an_object":
        assert not isinstance(body, dict)
        return
    missing = {"missing_id": "conversationId", "missing_start": "conversationStart", "missing_participants": "participants"}
    assert {name for name in missing.values() if name not in body} == ({missing[kind]} if kind in missing else set())
    if kind == "end_before_start":
        assert body["conversationEnd"] < body["conversationStart"]
    if kind == "starts_after_day":
        assert body["conversationStart"] >= day_end
    if kind == "wrong_type":
        assert told.active(MIDNIGHT + clock.DAY, MIDNIGHT + 2 * clock.DAY, MIDNIGHT + 9 * clock.DAY)
