"""SOQL is read as Salesforce reads it, and refused as Salesforce refuses it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.sandbox import soql
from genesys_crm_assets.sandbox.soql import Both, Comparison, Literal, Not, SoqlError, parse


def test_a_query_is_read_whole():
    select = parse(
        "select Id, Account.Name FROM Case WHERE IsClosed = false AND Priority IN ('High', 'Low') ORDER BY SystemModstamp DESC NULLS LAST, Id LIMIT 5 OFFSET 2"
    )
    assert [token.text for token in select.fields] == ["Id", "Account.Name"]
    assert isinstance(select.where, Both)
    assert [(part.operator, part.values) for part in select.where.parts if isinstance(part, Comparison)] == [
        ("=", (Literal("name", "false"),)),
        ("in", (Literal("string", "High"), Literal("string", "Low"))),
    ]
    assert [(key.name.text, key.descending, key.nulls_first) for key in select.order] == [
        ("SystemModstamp", True, False),
        ("Id", False, True),
    ]
    assert (select.limit, select.offset) == (5, 2)


def test_the_keyset_condition_keeps_its_parentheses():
    where = parse(
        "SELECT Id FROM Case WHERE (SystemModstamp = 2026-01-05T00:00:00Z AND Id > '500') OR SystemModstamp > 2026-01-05T00:00:00.000+00:00"
    ).where
    assert isinstance(where, Both)
    assert where.word == "or"
    assert isinstance(where.parts[0], Both)


def test_both_counts_are_told_apart():
    assert parse("SELECT COUNT() FROM Case").count == ""
    assert parse("SELECT count(Id) FROM Case").count == "Id"
    assert parse("SELECT Id FROM Case").count is None


def test_not_turns_a_condition_around():
    where = parse("SELECT Id FROM Case WHERE NOT (Status LIKE 'New%')").where
    assert isinstance(where, Not)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=40))
def test_any_text_survives_its_quotes(text: str):
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    where = parse(f"SELECT Id FROM Case WHERE Subject = '{escaped}'").where
    assert isinstance(where, Comparison)
    assert where.values == (Literal("string", text),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT FROM Case",
        "SELECT Id Case",
        "SELECT Id FROM Case WHERE",
        "SELECT Id FROM Case WHERE CreatedDate LAST_N_DAYS:30",
        "SELECT Id FROM Case WHERE CreatedDate > 2023-01-01T12:00:00.000 0100",
        "SELECT Id FROM Case WHERE a = 1 AND b = 2 OR c = 3",
        "SELECT Id FROM Case WHERE Id IN ()",
        "SELECT Id FROM Case WHERE Name = 'open",
        "SELECT Id, (SELECT COUNT() FROM Cases) OpenCases FROM Account",
        "SELECT Id i FROM Case",
        "SELECT Id FROM Case LIMIT x",
        "SELECT Id FROM Case; DROP TABLE",
        "DELETE FROM Case",
    ],
)
def test_what_salesforce_would_not_run_is_malformed(text: str):
    with pytest.raises(SoqlError) as refused:
        parse(text)
    assert refused.value.code == "MALFORMED_QUERY"


def test_a_long_list_of_ids_is_read_quickly():
    ids = ",".join(f"'500Hs0{number:012d}'" for number in range(600))
    where = parse(f"SELECT Id FROM Case WHERE Id IN ({ids})").where
    assert isinstance(where, Comparison)
    assert len(where.values) == 600
    assert soql.parse("SELECT Id FROM Case").where is None
