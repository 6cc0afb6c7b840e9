"""When assets are made without anybody asking, each condition named after its meaning."""

import dagster as dg


def wanted_changed_and_is_trusted() -> dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]:
    """Something upstream is new, nothing upstream is being made or missing, and every blocking check of it passed.

    `eager` alone does not look at checks: it would deliver what a test has just refused.
    """
    return (dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()).with_label(
        "wanted_changed_and_is_trusted"
    )
