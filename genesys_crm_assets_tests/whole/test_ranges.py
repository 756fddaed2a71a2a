"""Ranges of days: a day that fails stops its table, and what was published before it stays published and shown as such (§5.1)."""

import dagster as dg
import pytest

from genesys_crm_assets.sandbox.faults import Rule
from genesys_crm_assets.sandbox.server import Sandbox
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import THREAD, House

DAYS = [house.FIRST, house.SECOND, house.THIRD]
RAW = THREAD[:1]
STAGED = ("quarantine_records", "staging_genesys_tellings")


def materialised(instance: dg.DagsterInstance, table: str) -> list[str]:
    return sorted(instance.get_materialized_partitions(dg.AssetKey(table)))


@pytest.mark.shows("S0-6", "S0-15", "S2-44")
def test_a_day_that_fails_its_check_leaves_the_days_before_it_published_and_shown(empty: House):
    """Somebody changed a stored page count: the equation of P1 does not hold on the middle day, and says so on that day."""
    instance = dg.DagsterInstance.ephemeral()
    assert empty.run(DAYS, RAW, instance=instance).success
    house.tampered(empty, house.key("raw_genesys_interactions", house.SECOND, "raw"), "record_count", 1)

    failed = empty.run(DAYS, STAGED, instance=instance)

    assert failed.failed == ("staging_genesys_tellings",)
    assert "every_record_told_is_kept" in failed.reasons
    for table in STAGED:
        assert materialised(instance, table) == [f"{house.FIRST}"]
        assert list(empty.objects("staging")) == [house.key(name, house.FIRST, "staging") for name in STAGED]
    check = dg.AssetCheckKey(dg.AssetKey("staging_genesys_tellings"), "every_record_told_is_kept")
    history = instance.event_log_storage.get_asset_check_execution_history(check, limit=10)
    assert {(one.partition, one.status.value) for one in history} == {
        (f"{house.FIRST}", "SUCCEEDED"),
        (f"{house.SECOND}", "FAILED"),
        (f"{house.THIRD}", "PLANNED"),
    }

    assert empty.run([house.SECOND], RAW, instance=instance).success
    assert empty.run(DAYS, STAGED, instance=instance).success
    for table in STAGED:
        assert materialised(instance, table) == [f"{day}" for day in DAYS]


@pytest.mark.shows("S0-15", "S2-44")
def test_a_damaged_page_is_refused_and_named(empty: House):
    """F-77: a stored page whose bytes are not those that were hashed is not staged; reading the day again heals it."""
    assert empty.run(DAYS[:2], RAW).success
    house.tampered(empty, house.key("raw_genesys_interactions", house.SECOND, "raw"), "body", b'{"conversations": []}')
    failed = empty.run(DAYS[:2], STAGED)
    assert not failed.success
    assert "page 1 of raw_genesys_interactions is not what was received; materialise that raw day again" in failed.reasons
    assert list(empty.objects("staging")) == [house.key(name, house.FIRST, "staging") for name in STAGED]
    assert empty.run(DAYS[:2], (*RAW, *STAGED)).success


@pytest.mark.shows("S0-14", "S0-15", "S0-44")
def test_a_page_that_fails_for_good_leaves_no_object_of_its_day(empty: House, vendors: Sandbox):
    """O2: the first day is there and shown, the refused one is not there at all, and the one after it was not asked for."""
    instance = dg.DagsterInstance.ephemeral()
    refused = Rule({"vendor": "genesys", "method": "POST", "path": "details/jobs$", "nth": 2}, {"status": 403})
    with house.troubled(vendors, refused):
        failed = empty.run(DAYS, RAW, instance=instance)
    assert failed.failed == RAW
    assert list(empty.objects()) == [house.key(RAW[0], house.FIRST, "raw")]
    assert materialised(instance, RAW[0]) == [f"{house.FIRST}"]
    assert empty.run(DAYS, RAW, instance=instance).success
    assert materialised(instance, RAW[0]) == [f"{day}" for day in DAYS]


EMPTY_ANSWER = {"conversations": [], "dataAvailabilityDate": f"{house.THIRD}T02:00:00.000Z"}


@pytest.mark.shows("S0-15")
def test_a_reading_that_lost_most_of_a_day_is_refused_unless_the_run_says_so(empty: House, vendors: Sandbox):
    """The shrink guard: an empty answer over a full day is a lost division or a retention passed, not the truth."""
    day = [house.FIRST]
    assert empty.run(day, RAW).success
    before = empty.objects()
    with house.troubled(vendors, Rule({"vendor": "genesys", "path": "/results"}, {"status": 200, "body": EMPTY_ANSWER})):
        refused = empty.run(day, RAW)
        assert not refused.success
        assert "allow_shrink" in refused.reasons
        assert empty.objects() == before
        accepted = empty.run(day, RAW, ops={RAW[0]: {"config": {"allow_shrink": True}}})
        assert accepted.success, accepted.reasons
        assert not house.told_by(empty, house.FIRST)


@pytest.mark.shows("S0-15")
def test_a_refused_reading_is_forgotten_so_that_the_next_one_asks_the_vendor_again(empty: House, vendors: Sandbox):
    """Pages that were refused must not be gone on with from the journal once the vendor is well again."""
    day = [house.FIRST]
    assert empty.run(day, RAW).success
    told = house.told_by(empty, house.FIRST)
    with house.troubled(vendors, Rule({"vendor": "genesys", "path": "/results"}, {"status": 200, "body": EMPTY_ANSWER})):
        assert not empty.run(day, RAW).success
    again = empty.run(day, RAW)
    assert again.success, again.reasons
    assert house.told_by(empty, house.FIRST) == told
