"""How old an asset may be before somebody should look, and before it is an alarm.

Freshness belongs to an asset and not to a partition of it: a fresh shop hides a stale one. That is why raw tables also
have a check by shop (see raw_freshness).
"""

from datetime import timedelta

import dagster as dg

# Refreshed every hour: two missed refreshes deserve a look, half a day an alarm.
HOURLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=12), warn_window=timedelta(hours=2))
# Delivered every morning.
DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=48), warn_window=timedelta(hours=26))
