"""The slow re-computation: §6 of the design in plain Python, which the real tables are held against row by row.

Belongs here: the rules of meaning, written once more from the words alone, the worlds they are tried on, and the reader of the
examples in `docs/rules.md`. Not here: anything of the product; nothing in this room imports it, so that it cannot repeat its mistakes.
"""
