from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.sources.salesforce import soql

START, END = datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.shows("S0-37", "S0-38", "S0-39")
def test_a_window_of_changes_is_half_open_and_names_its_columns():
    text = soql.select(
        "Case",
        ["Id", "Account.Name", "Customer_LTV_USD__c"],
        where=soql.window("SystemModstamp", START, END),
        order_by=["SystemModstamp", "Id"],
    )
    assert text == (
        "SELECT Id, Account.Name, Customer_LTV_USD__c FROM Case "
        "WHERE SystemModstamp >= 2026-11-19T00:00:00Z AND SystemModstamp < 2026-11-20T00:00:00Z ORDER BY SystemModstamp, Id"
    )


def test_a_count_takes_several_conditions():
    where = [soql.window("ClosedDate", START, END), soql.compare("IsDeleted", "=", value=False)]
    assert soql.count("Case", where=where).endswith("< 2026-11-20T00:00:00Z AND IsDeleted = false")
    assert soql.count("Case") == "SELECT COUNT() FROM Case"


@pytest.mark.shows("S0-38")
@pytest.mark.parametrize(
    "name", ["FIELDS(ALL)", "*", "Id FROM Case", "Id,Name", "", "1d", "a b", "Id\n", "Name--", "Ñame", "a..b", "x" * 81]
)
def test_what_is_no_name_is_refused_wherever_a_name_stands(name: str):
    """F-63."""
    for attempt in (
        lambda: soql.select("Case", [name]),
        lambda: soql.select(name, ["Id"]),
        lambda: soql.select("Case", ["Id"], order_by=[name]),
        lambda: soql.compare(name, "=", 1),
        lambda: soql.one_of(name, ["x"]),
    ):
        with pytest.raises(ValueError, match="not a name"):
            attempt()


def test_fields_named_twice_or_not_at_all_are_refused():
    for fields in ([], ["Id", "id"]):
        with pytest.raises(ValueError, match="distinct"):
            soql.select("Case", fields)


def test_a_condition_is_built_and_never_written():
    with pytest.raises(TypeError, match="never written"):
        soql.select("Case", ["Id"], where="Id != null")
    with pytest.raises(ValueError, match="operator"):
        soql.compare("Id", "LIKE", "x")


@given(st.text())
def test_no_text_ends_the_literal_it_stands_in(text: str):
    """F-63: an id list with a quote in it stays a list."""
    try:
        condition = soql.one_of("Id", [text, "x"])
    except ValueError:
        assert any(not character.isprintable() for character in text)
        return
    inside = condition.removeprefix("Id IN ('").removesuffix("','x')")
    assert "'" not in inside.replace("\\\\", "").replace("\\'", "")
    assert inside.isprintable()


@pytest.mark.parametrize(
    ("moment", "literal"),
    [
        (datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC), "2026-11-20T01:02:03Z"),
        (datetime(2026, 11, 20, 1, 2, 3, 45_999, tzinfo=UTC), "2026-11-20T01:02:03.045Z"),
        (datetime(2026, 11, 20, 1, 2, 3, tzinfo=timezone(timedelta(hours=-5))), "2026-11-20T06:02:03Z"),
    ],
)
def test_a_time_is_utc_whatever_zone_it_came_in(moment: datetime, literal: str):
    assert soql.datetime_literal(moment) == literal


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        soql.window("SystemModstamp", START.replace(tzinfo=None), END)


def test_values_of_other_kinds():
    assert soql.any_of(soql.compare("A", "!=", None), soql.compare("B", ">", 3)) == "(A != null OR B > 3)"
    with pytest.raises(ValueError, match="at least one"):
        soql.one_of("Id", [])
