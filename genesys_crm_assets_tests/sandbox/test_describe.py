"""What an integration user sees of an org: hidden, retyped and added fields, and objects without a licence."""

import pytest

from genesys_crm_assets.sandbox.describe import Schema
from genesys_crm_assets.sandbox.rows import Reader
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets.sandbox.soql import SoqlError, parse
from genesys_crm_assets_tests.sandbox.doors import START, Ticker, connected

ACCOUNTS = [{"Id": "001Hs0000000001IAA", "Name": "A", "AnnualRevenue": 5.0, "IsDeleted": False}]
HISTORY = [
    {"Id": "017Hs0000000001IAA", "AccountId": "001Hs0000000001IAA", "Field": "Account_Tier__c", "IsDeleted": False},
    {"Id": "017Hs0000000002IAA", "AccountId": "001Hs0000000001IAA", "Field": "Owner", "IsDeleted": False},
]
TABLES = {"Account": ACCOUNTS, "AccountHistory": HISTORY, "User": []}


def asked(schema: Schema, query: str):
    reader, select = Reader(TABLES, "v68.0", schema), parse(query)
    name, rows = reader.rows(select, deleted=False)
    return [reader.projection(name, select.fields)(row) for row in rows]


def refused(schema: Schema, query: str) -> SoqlError:
    with pytest.raises(SoqlError) as refusal:
        asked(schema, query)
    return refusal.value


def fields(schema: Schema, name: str):
    return {field["name"]: field for field in schema.describe(name, "v68.0")["fields"]}


def test_field_level_security_hides_a_field_from_describe_queries_and_history():
    schema = Schema.of(hidden=("Account.Account_Tier__c", "Account.OwnerId"))
    assert not {"Account_Tier__c", "OwnerId"} & set(fields(schema, "Account"))
    error = refused(schema, "SELECT Id, Account_Tier__c FROM Account")
    assert (error.code, error.message.partition(".")[0]) == ("INVALID_FIELD", "No such column 'Account_Tier__c' on entity 'Account'")
    assert refused(schema, "SELECT Id FROM Account WHERE Account_Tier__c = 'x'").code == "INVALID_FIELD"
    assert refused(schema, "SELECT Id, Owner.Name FROM Account").code == "INVALID_FIELD"
    assert asked(schema, "SELECT Id FROM AccountHistory") == []
    assert len(asked(Schema(), "SELECT Id FROM AccountHistory")) == 2


def test_a_retyped_field_is_described_otherwise_and_told_as_before():
    schema = Schema.of(retyped=("Account.AnnualRevenue:string",))
    told = fields(schema, "Account")["AnnualRevenue"]
    assert (told["type"], told["soapType"], told["length"], told["precision"]) == ("string", "xsd:string", 255, 0)
    assert [row["AnnualRevenue"] for row in asked(schema, "SELECT AnnualRevenue FROM Account WHERE AnnualRevenue > 4")] == [5.0]


def test_an_added_field_is_described_and_empty():
    schema = Schema.of(added=("Account.Loyalty__c:double",))
    told = fields(schema, "Account")["Loyalty__c"]
    assert (told["type"], told["custom"], told["nillable"], told["filterable"]) == ("double", True, True, True)
    assert [row["Loyalty__c"] for row in asked(schema, "SELECT Loyalty__c FROM Account")] == [None]


@pytest.mark.parametrize(
    "told",
    [
        {"hidden": ("Account.Nope",)},
        {"hidden": ("Name",)},
        {"retyped": ("Account.Name",)},
        {"retyped": ("Account.Name:text",)},
        {"added": ("Lead.Score__c:double",)},
        {"added": ("Account:double",)},
    ],
)
def test_what_names_no_field_or_type_is_refused(told: dict[str, tuple[str, ...]]):
    with pytest.raises(ValueError, match=r"write it as|choose one of"):
        Schema.of(**told)


@pytest.mark.parametrize("name", ["Case", "Account", "Contact", "User", "Opportunity", "Release__c", "OpportunityFieldHistory"])
def test_every_field_says_type_length_and_whether_it_may_be_null_or_filtered(name: str):
    for field in fields(Schema(), name).values():
        assert field["type"]
        assert (field["length"] > 0) is (field["type"] in {"id", "reference", "string", "picklist", "email", "phone"})
        assert field["filterable"] is (field["type"] != "anyType")
    assert not fields(Schema(), name)["Id"]["nillable"]


@pytest.mark.parametrize(
    ("source", "gone", "there"),
    [
        ("opportunities", ("Opportunity", "OpportunityFieldHistory"), ("Case", "CaseHistory")),
        ("releases", ("Release__c",), ("Opportunity",)),
        ("field_history", ("CaseHistory", "AccountHistory", "ContactHistory", "OpportunityFieldHistory"), ("Case", "Opportunity")),
    ],
)
def test_an_object_without_licence_is_one_that_nobody_knows(source: str, gone: tuple[str, ...], there: tuple[str, ...]):
    schema = Schema.of(absent=(source, "adherence"))
    for name in gone:
        assert schema.object(name) is None
        error = refused(schema, f"SELECT Id FROM {name}")
        assert (error.code, error.message.partition(".")[0]) == ("INVALID_TYPE", f"sObject type '{name}' is not supported")
    assert [schema.object(name.upper()) for name in there] == list(there)


def test_a_plan_says_what_an_org_lacks():
    plan = Plan(seed=2, start=START, days=1, per_day=20, absent=("opportunities",), hidden=("Account.Customer_LTV_USD__c",))
    with running(plan) as sandbox:
        client = connected(sandbox, Ticker()).salesforce
        base = "/services/data/v68.0"
        absent = client.get(f"{base}/query", params={"q": "SELECT Id FROM Opportunity"})
        assert (absent.status_code, absent.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
        assert client.get(f"{base}/sobjects/Opportunity/describe").status_code == 404
        told = client.get(f"{base}/sobjects/Account/describe").json()["fields"]
        assert "Customer_LTV_USD__c" not in {field["name"] for field in told}
        assert client.get(f"{base}/query", params={"q": "SELECT Id, Customer_LTV_USD__c FROM Account"}).status_code == 400
        assert client.get(f"{base}/query", params={"q": "SELECT Id FROM Release__c"}).status_code == 200
