import logging

import pytest

from genesys_crm_assets.sources.errors import StrayHost
from genesys_crm_assets.sources.genesys import regions
from genesys_crm_assets.sources.hosts import Host, redacted

ACME = Host.of("https://acme.my.salesforce.com", setting="SALESFORCE_URL")


@pytest.mark.parametrize(
    "link",
    [
        "@evil.example/services/data/v68.0/query/1",
        "//evil.example/services/data/v68.0/query/1",
        "https://evil.example/services/data/v68.0/query/1",
        "https://acme.my.salesforce.com.evil.example/services/data/v68.0/query/1",
        "https://acme.my.salesforce.com@evil.example/services/data/1",
        "https://acme.my.salesforce.com:8443/services/data/v68.0/query/1",
        "http://acme.my.salesforce.com/services/data/v68.0/query/1",
        "\\\\evil.example\\services\\data\\1",
        "/\\evil.example/services/data/1",
        "https://\u0430cme.my.salesforce.com/services/data/v68.0/query/1",
        "/services/oauth2/revoke",
        "/services/data/../oauth2/token",
        "/services/data/%2e%2e/oauth2/token",
        "/services/data/v68.0/query/1\r\nHost: evil.example",
        "services/data/v68.0/query/1",
        "https://[::1/services/data/1",
        "https://acme.my.salesforce.com:port/services/data/1",
        "",
        None,
        17,
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(link: object):
    """F-65: a vendor, or whoever speaks in its name, must not send our token to another host."""
    with pytest.raises(StrayHost):
        ACME.follow(link, under="/services/data/")


@pytest.mark.shows("S0-42")
@pytest.mark.parametrize(
    "link",
    ["/services/data/v68.0/query/01gD0000002HU6KIAW-2000", "https://acme.my.salesforce.com/services/data/v68.0/query/01g-2000?x=%2B"],
)
def test_a_link_within_the_org_is_followed_as_given(link: object):
    assert ACME.follow(link, under="/services/data/") == link.removeprefix("https://acme.my.salesforce.com")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:9", "https://acme.my.salesforce.com"])
def test_plain_http_is_for_loopback_only(url: str):
    assert Host.of(url, setting="X").url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "http://10.0.0.1",
        "https://u:p@acme.example",
        "ftp://acme.example",
        "https://",
        "acme",
        "https://a.example/x",
    ],
)
def test_an_address_that_would_leak_is_refused_with_the_name_of_its_setting(url: str):
    with pytest.raises(StrayHost, match=r"Set SALESFORCE_URL to an address such as https://api\.example\.com\.$") as caught:
        Host.of(url, setting="SALESFORCE_URL")
    assert "u:p" not in str(caught.value)


@pytest.mark.shows("S0-9")
def test_a_region_gives_the_two_hosts():
    assert regions.api_url("mypurecloud.com") == "https://api.mypurecloud.com"
    assert regions.login_url("usw2.pure.cloud") == "https://login.usw2.pure.cloud"
    with pytest.raises(StrayHost, match="GENESYS_REGION"):
        regions.api_url("evil.example/#")


def test_a_redacted_address_has_neither_query_nor_user_and_fits_a_log_line(caplog: pytest.LogCaptureFixture):
    """F-69: an id with a line break must not forge a second record."""
    text = redacted("https://user:pw@host.example/a/b\u2028CRITICAL all is lost?email=anna@example.com")
    with caplog.at_level(logging.INFO):
        logging.getLogger("x").info(text)
    assert text == r"https://host.example/a/b\u2028CRITICAL all is lost"
    assert len(caplog.text.splitlines()) == 1
