"""Salesforce: records by SOQL over REST, counts, describe and limits, on simple-salesforce.

What a record means is decided in `staging`. Nothing here opens one.
"""

from genesys_crm_assets.sources.salesforce import soql
from genesys_crm_assets.sources.salesforce.org import SalesforceOrg

__all__ = ["SalesforceOrg", "soql"]
