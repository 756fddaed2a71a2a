"""Answers: views and tables named for the question. They read facts, dimensions and audit, nothing else.

Not here: staging or raw, or a rule of meaning that a fact could hold.
"""
