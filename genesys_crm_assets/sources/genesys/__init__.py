"""Genesys Cloud: conversations, by job and by query, and the vendor's own totals.

What a conversation means is decided in `staging`. Nothing here opens a record.
"""

from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.genesys.feeds import FEEDS, Feed
from genesys_crm_assets.sources.genesys.regions import api_url, login_url

__all__ = ["FEEDS", "Feed", "Genesys", "api_url", "login_url"]
