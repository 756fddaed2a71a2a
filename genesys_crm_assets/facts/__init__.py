"""What happened, once, at a stated grain; which customer and case it was about; and the interactions set aside.

Not here: what the CRM says now. `…_current` columns come from the dimensions, in views (P5).
"""
