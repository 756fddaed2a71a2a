"""One row per thing, typed, in our words; and the records that could not be.

Not here: history, joins between vendors, or anything that reads more than one vendor.
"""
