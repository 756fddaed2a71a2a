"""The org's own words."""

from pathlib import Path

import pytest

from genesys_crm_assets import mapping


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.shows("S1-9", "S1-13")
def test_the_packaged_words_are_those_of_the_guides():
    words = mapping.read()
    assert (words.attribute_case_id, words.attribute_account_id, words.attribute_contact_id) == ("sfCaseId", "sfAccountId", "sfContactId")
    assert (words.attribute_escalated, words.attribute_escalated_value) == ("escalated", "true")
    assert (words.attribute_bot_only, words.attribute_bot_only_value) == ("botHandled", "true")
    fed = {(sobject, one.column): one.field for sobject in mapping.STANDING for one in words.feeds(sobject)}
    assert fed["Account", "customer_tier"] == "Account_Tier__c"
    assert fed["Account", "ltv_usd"] == "Customer_LTV_USD__c"
    assert fed["Case", "type"] == "Type"
    assert words.closed_opportunity_stages == ("Closed Won", "Closed Lost")


def test_what_a_file_leaves_out_is_as_packaged(tmp_path: Path):
    words = mapping.read(_written(tmp_path, '[attributes]\ncase_id = "acmeCase"\n[contact]\nphones = ["Fax"]\n'))
    assert words.attribute_case_id == "acmeCase"
    assert words.attribute_account_id == "sfAccountId"
    assert words.contact_phone_fields == ("Fax",)


def test_a_field_that_the_org_lacks_is_asked_for_nowhere(tmp_path: Path):
    words = mapping.read(_written(tmp_path, '[account]\ntier = ""\nltv_usd = ""\n'))
    assert "customer_tier" not in {one.column for one in words.feeds("Account")}
    assert "" not in words.fields("Account")
    assert "Account_Tier__c" not in words.fields("Account")


@pytest.mark.shows("S2-17", "S2-38")
def test_a_column_may_be_fed_by_another_field_and_says_what_it_takes(tmp_path: Path):
    """An org that keeps its revenue elsewhere changes one line; what the line does not name stays as packaged."""
    words = mapping.read(_written(tmp_path, '[columns]\nversion = 2\n[columns.Opportunity]\namount = "ARR__c"\n'))
    assert mapping.Fed("ARR__c", "amount", "number") in words.feeds("Opportunity")
    assert mapping.Fed("StageName", "stage_name", "text") in words.feeds("Opportunity")
    assert words.columns_version == 2


@pytest.mark.shows("S0-37", "S0-38", "S2-16")
def test_fields_are_named_one_by_one_and_once(tmp_path: Path):
    words = mapping.read(_written(tmp_path, '[escalated]\ncase_field = "IsEscalated"\n[case]\ncategory = "Status"\n'))
    for fields in map(words.fields, mapping.STANDING):
        assert len(set(fields)) == len(fields)
        assert {"Id", "SystemModstamp", "CreatedDate"} <= set(fields)
    assert words.fields("Case").count("IsEscalated") == 1


@pytest.mark.shows("S0-46")
@pytest.mark.parametrize(
    "text",
    [
        "not toml at all [",
        '[attributes]\ncase = "x"\n',
        "[atributes]\n",
        'attributes = "x"\n',
        'surprise = "x"\n',
        "[attributes]\ncase_id = 7\n",
        '[contact]\nphones = "Phone"\n',
        "[contact]\nphones = [1]\n",
        "[centre]\nown_numbers = [12025550111]\n",
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(text: str, tmp_path: Path):
    """A word that is misspelt would otherwise be a word that is silently not used."""
    with pytest.raises(mapping.MappingRefused, match=r"acme\.toml"):
        mapping.read(_written(tmp_path, text))


def test_a_missing_file_is_refused_by_name(tmp_path: Path):
    with pytest.raises(mapping.MappingRefused, match=r"nowhere\.toml cannot be read .* correct it or unset MAPPING_FILE"):
        mapping.read(tmp_path / "nowhere.toml")


@pytest.mark.shows("S0-46")
@pytest.mark.parametrize("field", ["Id FROM User", "a,b", "FIELDS(ALL)", "1st", "Tier-Level", "x" * 81, "Owner.Name"])
def test_what_cannot_be_a_field_never_reaches_a_query(field: str, tmp_path: Path):
    with pytest.raises(mapping.MappingRefused, match="names a field that cannot exist in Salesforce"):
        mapping.read(_written(tmp_path, f'[account]\ntier = "{field}"\n'))
