"""Ids are shaped like the vendors' own."""

import re

import pytest

from genesys_crm_assets.sandbox.identifiers import dice, fixed_uuid, salesforce_id, uuid, with_checksum

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89a][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize(
    "long", ["a01M00000062mPgIAI", "001M000000qfPySIAU", "AbCdEfGhIjKlMnOVKV", "aaaaaaaaaaaaaaaAAA", "0F9E000000092w2KAA"]
)
def test_the_checksum_is_the_one_salesforce_appends(long: str):
    assert with_checksum(long[:15]) == long


def test_ids_follow_from_what_they_name():
    assert salesforce_id("500", 7, "case", 1) == salesforce_id("500", 7, "case", 1)
    assert len({salesforce_id("500", 7, "case", number) for number in range(5_000)}) == 5_000
    assert UUID.fullmatch(uuid(dice(1)))
    assert UUID.fullmatch(fixed_uuid("queue"))
