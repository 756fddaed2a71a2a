"""What must be true across tables. Checks of one object stand with the object's table and run before it is published.

Not here: repairs, or anything that writes.
"""
