"""From a region's domain to its two hosts (Genesys: platform API, regions)."""

import re

from genesys_crm_assets.sources.errors import StrayHost, one_line

_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def api_url(region: str) -> str:
    """`mypurecloud.com` gives `https://api.mypurecloud.com`. Raises `StrayHost` for what is no domain."""
    return f"https://api.{_domain(region)}"


def login_url(region: str) -> str:
    """`mypurecloud.com` gives `https://login.mypurecloud.com`. Raises `StrayHost` for what is no domain."""
    return f"https://login.{_domain(region)}"


def _domain(region: str) -> str:
    if not _DOMAIN.fullmatch(region):
        raise StrayHost(f"{one_line(region, 80)!r} is no domain", remedy="Set GENESYS_REGION to a domain such as mypurecloud.com")
    return region
