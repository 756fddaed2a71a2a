"""When things run: jobs people press now; schedules, sensors and alerts come with their issue.

Not here: what an asset does when it runs.
"""
