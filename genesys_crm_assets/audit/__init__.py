"""What we know about ourselves: what was read and when, which days can be trusted, how well links hold, whether totals agree.

Reads every layer above it. Not here: repairs, or what analysts ask.
"""
