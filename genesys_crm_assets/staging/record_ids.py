"""Ids of Salesforce records as staging and everything after it stores them: 18 characters.

The rule is Salesforce's own and stands with it, since raw needs it too. Not here: whether a record with that id exists.
"""

from genesys_crm_assets.sources.salesforce.record_ids import long_id, record_id

__all__ = ["long_id", "record_id"]
