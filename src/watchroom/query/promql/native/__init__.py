"""Native histograms in PromQL: functions on arrays, with the meaning Prometheus 3 gives them.

A value is a list of parts (`part.py`): rows of equal bucket layout of one series. What differs in
layout is reconciled where it meets (`reconcile.py`): to the lower resolution, to the wider zero
bucket, to the custom bounds both have.
"""
