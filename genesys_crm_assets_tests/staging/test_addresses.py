"""Phone numbers and e-mail addresses, brought to one form."""

import pytest

from genesys_crm_assets.staging.addresses import contact_email, contact_phone, email, phone


@pytest.mark.shows("S1-10")
@pytest.mark.parametrize("told", ["tel:+12025550111", "+1 (202) 555-0111", "202-555-0111", "TEL:+12025550111", "1-202-555-0111"])
def test_one_number_written_in_many_ways_is_one_number(told: str):
    assert phone(told, "US") == "+12025550111"
    assert contact_phone(told, "US") == "+12025550111"


def test_a_number_told_without_a_country_is_read_in_the_orgs_region():
    assert phone("030 901820", "DE") == "+4930901820"


@pytest.mark.parametrize(
    "told", ["5550111", "anonymous", "tel:+xxxxxxxxxxx", "+1202", "", "sip:+12025550111@host.example", "SIPS:2025550111@h", None]
)
def test_what_is_local_too_short_hidden_or_a_sip_address_is_no_number(told: str | None):
    assert phone(told, "US") is None


def test_an_address_of_mail_is_folded_and_nothing_else():
    assert email("Customer@Example.COM") == "customer@example.com"
    assert email("sip:customer@example.com") is None
    assert email("customer @example.com") is None
    assert email("customer") is None
    assert email("@example.com") is None
    assert email(None) is None


def test_the_crms_address_is_trimmed_as_people_type_it():
    assert contact_email("  Customer@Example.COM ") == "customer@example.com"
    assert contact_email("   ") is None
    assert contact_email(None) is None
