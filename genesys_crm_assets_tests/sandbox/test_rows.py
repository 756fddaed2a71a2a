"""Conditions mean what they mean in SOQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.sandbox.rows import Reader
from genesys_crm_assets.sandbox.soql import SoqlError, parse

CASES = [
    {
        "Id": "500Hs0000000001IAA",
        "Status": "New",
        "Subject": "A",
        "ContactId": "003Hs0000000001IAA",
        "IsClosed": False,
        "IsDeleted": False,
        "CreatedDate": "2026-01-05T10:00:00.000+0000",
    },
    {
        "Id": "500Hs0000000002IAA",
        "Status": "Closed",
        "Subject": None,
        "ContactId": None,
        "IsClosed": True,
        "IsDeleted": False,
        "CreatedDate": "2026-01-06T10:00:00.000+0000",
    },
    {
        "Id": "500Hs0000000003IAA",
        "Status": "new",
        "Subject": "B",
        "ContactId": None,
        "IsClosed": False,
        "IsDeleted": True,
        "CreatedDate": "2026-01-07T10:00:00.000+0000",
    },
]
DEALS = [
    {"Id": "006Hs0000000001IAA", "CloseDate": "2026-01-31", "Amount": 10.0, "Probability": 50.0, "IsDeleted": False},
    {"Id": "006Hs0000000002IAA", "CloseDate": "2026-02-01", "Amount": None, "Probability": 0.0, "IsDeleted": False},
]
TABLES = {"Case": CASES, "Contact": [{"Id": "003Hs0000000001IAA", "Name": "Ada"}], "User": [], "CaseHistory": [], "Opportunity": DEALS}


def found(where: str, *, deleted: bool = False, rest: str = ""):
    reader = Reader(TABLES, "v68.0")
    _, rows = reader.rows(parse(f"SELECT Id FROM Case {where and 'WHERE ' + where} {rest}"), deleted=deleted)
    return [row["Id"][14] for row in rows]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ["1", "2"]),
        ("Status = 'NEW'", ["1"]),
        ("Status != 'new'", ["2"]),
        ("Subject != 'B'", ["1", "2"]),
        ("Subject = null", ["2"]),
        ("Subject > 'A'", []),
        ("CreatedDate >= 2026-01-05T10:00:00Z AND CreatedDate < 2026-01-06T10:00:00.000Z", ["1"]),
        ("CreatedDate >= 2026-01-05T12:00:00+02:00", ["1", "2"]),
        ("Id = '500Hs0000000001'", ["1"]),
        ("Id > '500Hs0000000001IAA'", ["2"]),
        ("Contact.Name LIKE 'a%'", ["1"]),
        ("Contact.Name = null", ["2"]),
        ("NOT Status = 'New'", ["2"]),
        ("Id NOT IN ('500Hs0000000001IAA')", ["2"]),
        ("IsClosed = TRUE OR Subject = 'a'", ["1", "2"]),
    ],
)
def test_a_condition_finds_its_rows(where: str, expected: list[str]):
    assert found(where) == expected


MOMENTS = st.sampled_from(
    [f"2026-01-0{day}T{hour}:00:00{zone}" for day in (4, 5, 6, 7, 8) for hour in ("10", "12") for zone in ("Z", "+02:00")]
)
BOUNDS = st.tuples(st.sampled_from(["<", "<=", ">", ">="]), MOMENTS)


@given(bounds=st.lists(BOUNDS, min_size=1, max_size=3), deleted=st.booleans())
def test_a_window_finds_what_its_conditions_find_one_by_one(bounds: list[tuple[str, str]], *, deleted: bool):
    """Windows are looked up in order of time; whatever they are made of, the rows are those of the plain conditions, in order of id."""
    conditions = [f"CreatedDate {sign} {moment}" for sign, moment in bounds]
    each = [set(found(f"NOT (NOT {condition})", deleted=deleted)) for condition in conditions]
    assert found(" AND ".join(conditions), deleted=deleted) == sorted(set.intersection(*each))


def test_only_query_all_sees_deleted_rows():
    assert found("Status = 'New'", deleted=True) == ["1", "3"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("CloseDate < 2026-02-01", ["1"]),
        ("CloseDate = 2026-02-01", ["2"]),
        ("Amount >= 10 AND Probability > 49.5", ["1"]),
        ("Amount = null", ["2"]),
    ],
)
def test_days_amounts_and_percentages_compare_as_what_they_are(where: str, expected: list[str]):
    _, rows = Reader(TABLES, "v68.0").rows(parse(f"SELECT Id FROM Opportunity WHERE {where}"), deleted=False)
    assert [row["Id"][14] for row in rows] == expected


def test_order_puts_nulls_first_unless_asked():
    assert found("", rest="ORDER BY Subject") == ["2", "1"]
    assert found("", rest="ORDER BY Subject NULLS LAST") == ["1", "2"]
    assert found("", deleted=True, rest="ORDER BY CreatedDate DESC LIMIT 2") == ["3", "2"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM Lead", "INVALID_TYPE"),
        ("SELECT Nope FROM Case", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Case", "INVALID_FIELD"),
        ("SELECT Nobody.Name FROM Case", "INVALID_FIELD"),
        ("SELECT IsDeleted FROM User", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE CreatedDate > '2026-01-05T10:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE Status = 3", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE CloseDate > '2026-01-05'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-05T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE CloseDate LIKE '2026%'", "INVALID_FIELD"),
        ("SELECT Id FROM CaseHistory WHERE NewValue = 'x'", "INVALID_FIELD"),
    ],
)
def test_unknown_names_and_wrong_types_are_refused(query: str, code: str):
    reader, select = Reader(TABLES, "v68.0"), parse(query)
    with pytest.raises(SoqlError) as refused:
        reader.projection(reader.rows(select, deleted=True)[0], select.fields)
    assert refused.value.code == code


def test_parents_are_nested_and_missing_ones_null():
    reader = Reader(TABLES, "v68.0")
    select = parse("SELECT Id, Contact.Name FROM Case")
    name, rows = reader.rows(select, deleted=False)
    first, second = (reader.projection(name, select.fields)(row)["Contact"] for row in rows)
    assert first == {"attributes": {"type": "Contact", "url": "/services/data/v68.0/sobjects/Contact/003Hs0000000001IAA"}, "Name": "Ada"}
    assert second is None
