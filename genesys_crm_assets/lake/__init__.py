"""Holds tables: contracts, immutable objects replaced atomically, journals of pages under way, and the warehouse file over them.

Has never heard of Dagster or of a vendor. Only `storage` knows whether the lake is a folder or a bucket.
"""
