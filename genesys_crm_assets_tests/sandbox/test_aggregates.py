"""Aggregates are the details, added up by the moment each metric was emitted."""

from collections import defaultdict
from typing import Any

import pytest

from genesys_crm_assets_tests.sandbox.doors import AGGREGATES, Vendors

DAY = "2026-01-06T00:00:00.000Z/2026-01-07T00:00:00.000Z"
NAMES = ["nOffered", "tAnswered", "tAbandon", "tHandle", "tTalkComplete", "tHeldComplete", "tAcw"]


def expected(records: list[Any]):
    """Counted afresh from what a job told: by queue (first by segmentStart) and media, count and sum of every metric emitted on the day."""
    totals = defaultdict(lambda: [0, 0])
    for record in records:
        for session in (session for participant in record["participants"] for session in participant.get("sessions", ())):
            queued = sorted((part["segmentStart"], part["queueId"]) for part in session.get("segments", ()) if "queueId" in part)
            for metric in session.get("metrics", ()):
                if metric["name"] in NAMES and "2026-01-06" <= metric["emitDate"] < "2026-01-07":
                    cell = totals[queued[0][1] if queued else None, session["mediaType"], metric["name"]]
                    cell[0] += metric["value"] if metric["name"].startswith("n") else 1
                    cell[1] += 0 if metric["name"].startswith("n") else metric["value"]
    return dict(totals)


def readable(record: Any):
    return isinstance(record, dict) and all(
        isinstance(record.get(name), kind) for name, kind in (("conversationId", str), ("conversationStart", str), ("participants", list))
    )


def well_formed(vendors: Vendors, record: Any):
    return readable(record) and record["conversationId"] in vendors.sandbox.world.by_id


def test_details_and_aggregates_agree_by_the_day_of_emission(vendors: Vendors):
    records = [record for record in vendors.records(DAY) if well_formed(vendors, record)]
    answer = vendors.genesys.post(AGGREGATES, json={"interval": DAY, "groupBy": ["queueId", "mediaType"], "metrics": NAMES}).json()
    told = {}
    for result in answer["results"]:
        [data] = result["data"]
        assert data["interval"] == DAY
        for entry in data["metrics"]:
            stats = entry["stats"]
            told[result["group"].get("queueId"), result["group"]["mediaType"], entry["metric"]] = [stats["count"], stats.get("sum", 0)]
    assert told == expected(records)
    assert len(told) > 50


def test_quarters_add_up_to_the_day(vendors: Vendors):
    def handled(**query: Any) -> list[int]:
        results = vendors.genesys.post(AGGREGATES, json={"interval": DAY, "metrics": ["tHandle"], **query}).json()["results"]
        return [entry["stats"]["sum"] for result in results for data in result["data"] for entry in data["metrics"]]

    quarters = handled(granularity="PT15M", groupBy=["userId"])
    assert len(quarters) > 200
    assert sum(quarters) == sum(handled())


def test_filters_choose_and_absent_is_zero(vendors: Vendors):
    only = {
        "type": "and",
        "clauses": [
            {"type": "or", "predicates": [{"dimension": "mediaType", "value": "voice"}, {"dimension": "mediaType", "value": "chat"}]}
        ],
    }
    answer = vendors.genesys.post(
        AGGREGATES, json={"interval": DAY, "groupBy": ["mediaType"], "metrics": ["nOffered", "tWait", "oServiceLevel"], "filter": only}
    ).json()
    assert [result["group"] for result in answer["results"]] == [{"mediaType": "chat"}, {"mediaType": "voice"}]
    service = answer["results"][1]["data"][0]["metrics"][2]["stats"]
    assert service["ratio"] == pytest.approx(service["numerator"] / service["denominator"], abs=1e-5)
    nothing = vendors.genesys.post(
        AGGREGATES, json={"interval": "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z", "metrics": ["nOffered"]}
    ).json()
    assert nothing == {"results": []}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"metrics": ["nOffers"]}, "invalid.value"),
        ({"metrics": []}, "bad.request"),
        ({"groupBy": ["queue"]}, "invalid.value"),
        ({"granularity": "15m"}, "invalid.date"),
        ({"interval": "yesterday"}, "invalid.date"),
        ({"filter": {"type": "nor"}}, "invalid.value"),
    ],
)
def test_words_that_genesys_does_not_know_are_refused(vendors: Vendors, change: dict[str, Any], code: str):
    answer = vendors.genesys.post(AGGREGATES, json={"interval": DAY, "metrics": ["nOffered"], **change})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
