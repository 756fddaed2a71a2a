"""What each of the five dimensions declares: its columns, its key, what history calls its fields."""

import hashlib
from pathlib import Path
from types import ModuleType

import pytest

from genesys_crm_assets import mapping
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact, salesforce_opportunity, salesforce_user
from genesys_crm_assets_tests.dimensions.crm import CASE, STAGED, WORDS, Crm

IDS = {
    "Case": CASE,
    "Account": "001000000000001AAA",
    "Contact": "003000000000001AAA",
    "Opportunity": "006000000000001AAA",
    "User": "005000000000001AAA",
}
LOOKUPS = {"owner_id": "005000000000009AAA", "contact_id": "003000000000009AAA", "account_id": "001000000000009AAA"}
TRACKED = [
    (salesforce_case, "status", "Status"),
    (salesforce_case, "priority", "Priority"),
    (salesforce_case, "type", "Type"),
    (salesforce_case, "owner_id", "Owner"),
    (salesforce_case, "owner_id", "OwnerId"),
    (salesforce_case, "contact_id", "Contact"),
    (salesforce_case, "contact_id", "ContactId"),
    (salesforce_case, "account_id", "Account"),
    (salesforce_case, "account_id", "AccountId"),
    (salesforce_account, "name", "Name"),
    (salesforce_account, "owner_id", "Owner"),
    (salesforce_account, "owner_id", "OwnerId"),
    (salesforce_account, "customer_tier", "Account_Tier__c"),
    (salesforce_account, "industry", "Industry"),
    (salesforce_contact, "account_id", "Account"),
    (salesforce_contact, "account_id", "AccountId"),
    (salesforce_contact, "owner_id", "Owner"),
    (salesforce_contact, "owner_id", "OwnerId"),
    (salesforce_contact, "email", "Email"),
    (salesforce_contact, "phone", "Phone"),
    (salesforce_opportunity, "stage_name", "StageName"),
    (salesforce_opportunity, "owner_id", "Owner"),
    (salesforce_opportunity, "owner_id", "OwnerId"),
    (salesforce_opportunity, "account_id", "Account"),
    (salesforce_opportunity, "account_id", "AccountId"),
]


@pytest.mark.shows("S0-60")
@pytest.mark.parametrize(("dimension", "column", "field"), TRACKED)
def test_every_tracked_column_has_history_under_the_name_salesforce_gives_it(dimension: ModuleType, column: str, field: str):
    record, new = IDS[WORDS[dimension]], LOOKUPS.get(column, "after")
    crm = Crm(dimension)
    crm.tell(100, record, **{column: new})
    crm.change(100, field, None, new, record=record)
    assert crm.story(column, record) == [(0, None, "created"), (100, new, "history")]


def test_history_follows_the_fields_the_mapping_names(tmp_path: Path):
    (tmp_path / "words.toml").write_text('[account]\ntier = "Segment__c"\n[case]\ncategory = "Reason"\n', encoding="utf-8")
    words = mapping.read(tmp_path / "words.toml")
    accounts, cases = Crm(salesforce_account, words=words), Crm(words=words)
    accounts.tell(100, IDS["Account"], customer_tier="Gold")
    accounts.change(100, "Segment__c", "Silver", "Gold", record=IDS["Account"])
    accounts.change(50, "Account_Tier__c", "x", "y", record=IDS["Account"])
    cases.tell(100, type="Billing")
    cases.change(100, "Reason", "Sales", "Billing")
    assert [value for _, value, _ in accounts.story("customer_tier", IDS["Account"])] == ["Silver", "Gold"]
    assert [value for _, value, _ in cases.story("type")] == ["Sales", "Billing"]


def test_history_of_one_object_is_not_anothers():
    crm = Crm()
    crm.tell(100, status="New")
    crm.change(50, "Status", "Old", "New", object="Account")
    assert crm.story("status") == [(0, "New", "created")]


@pytest.mark.shows("S0-58", "S0-59", "S0-48")
@pytest.mark.parametrize("dimension", list(STAGED))
def test_the_surrogate_key_is_the_documented_hash_and_the_natural_key_stands_beside_it(dimension: ModuleType):
    word = WORDS[dimension]
    crm = Crm(dimension)
    crm.tell(100, IDS[word])
    (row,) = crm.versions()
    assert row["version_key"] == hashlib.sha256(f"{word}|{IDS[word]}|2026-01-05T10:00:00.000Z".encode()).hexdigest()
    assert row[crm.id_column] == IDS[word]


@pytest.mark.parametrize("dimension", list(STAGED))
def test_the_body_returns_the_contracts_columns_and_they_can_be_cast(dimension: ModuleType):
    crm = Crm(dimension)
    crm.tell(100, IDS[WORDS[dimension]])
    assert list(crm.versions()[0]) == [column.name for column in dimension.TABLE.columns]
    assert all(figures["holds"] for figures in crm.proofs().values())


def test_a_user_who_left_is_observed_at_once_since_users_have_no_field_history():
    crm = Crm(salesforce_user, covered=False)
    crm.tell(10, IDS["User"], name="Anna Ek", is_active=True)
    crm.tell(500, IDS["User"], name="Anna Ek", is_active=False)
    rows = crm.versions()
    assert [(row["is_active"], row["change_source"], row["is_deleted"]) for row in rows] == [
        (True, "created", False),
        (False, "observed", False),
    ]
    assert {row["surviving_id"] for row in rows} == {IDS["User"]}
    assert [read.table.name for read in salesforce_user.BODY.reads] == ["staging_salesforce_users"]


def test_numbers_and_addresses_of_a_contact_are_the_latest_in_every_version():
    crm = Crm(salesforce_contact)
    numbers = [{"field": "Phone", "told": "030 1", "normalised": None}, {"field": "MobilePhone", "told": "+49301", "normalised": "+49301"}]
    crm.tell(10, IDS["Contact"], phone="old", phones=[], emails=[])
    crm.tell(100, IDS["Contact"], phone="030 1", phones=numbers, emails=[])
    assert [(row["phone"], row["phones"]) for row in crm.versions()] == [("old", numbers), ("030 1", numbers)]


@pytest.mark.shows("S1-22")
def test_revenue_and_lifetime_value_of_an_account_are_the_latest_in_every_version():
    crm = Crm(salesforce_account)
    crm.tell(10, IDS["Account"], customer_tier="Silver", ltv_usd=1.5, annual_revenue=10.0)
    crm.tell(100, IDS["Account"], customer_tier="Gold", ltv_usd=2.5, annual_revenue=None)
    assert [(row["customer_tier"], row["ltv_usd"], row["annual_revenue"]) for row in crm.versions()] == [
        ("Silver", 2.5, None),
        ("Gold", 2.5, None),
    ]


@pytest.mark.shows("S2-18")
@pytest.mark.parametrize(
    ("dimension", "personal"),
    [(salesforce_contact, {"email", "phone", "phones", "emails"}), (salesforce_user, {"name"}), (salesforce_account, {"name"})],
)
def test_personal_columns_are_marked(dimension: ModuleType, personal: set[str]):
    assert {column.name for column in dimension.TABLE.columns if column.personal} == personal
