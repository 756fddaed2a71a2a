"""As the vendor said it, plus when we asked: pages and records verbatim, their hashes and their requests.

Nothing is renamed, typed or judged here. Not here: how vendors are spoken to (`sources`), or what a record means (`staging`).
"""
