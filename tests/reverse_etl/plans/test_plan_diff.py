"""What a plan means for people: counted again in plain Python, and the same on each warehouse."""

from collections import Counter
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from reverse_etl.plans.plan_diff import Move, PlanDiff, plan_diff
from tests.reverse_etl.marketing import Customer, Marketing, gold
from tests.reverse_etl.test_plan import acknowledge, models, wanted_values

TIER = "metafield:boomerang.vip_tier"
ALIVE = "metafield:boomerang.p_alive"


def diff_of(marketing: Marketing, plan_id: str) -> PlanDiff:
    return plan_diff(marketing.settings, plan_id, marketing.folder)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=models, after=models)
def test_who_gains_changes_loses_and_keeps_each_value_is_counted(
    offline: Marketing, before: dict[int, Customer], after: dict[int, Customer]
) -> None:
    old, new = wanted_values(before), wanted_values(after)
    acknowledge(offline, old)
    offline.want(after)
    found = diff_of(offline, offline.plan().plan_id)
    counted: dict[str, Counter[str]] = {}
    for key in old.keys() | new.keys():
        one, other = old.get(key), new.get(key)
        kind = "kept" if one == other else "gained" if one is None else "lost" if other is None else "changed"
        counted.setdefault(key[1], Counter())[kind] += 1
    moved = {attribute: counts for attribute, counts in counted.items() if counts.keys() - {"kept"}}
    told = {one.attribute: one for one in found.values}
    assert told.keys() == moved.keys()
    for attribute, counts in moved.items():
        one = told[attribute]
        assert (one.gained, one.changed, one.lost, one.kept) == tuple(
            counts[kind] for kind in ("gained", "changed", "lost", "kept")
        )
        if not attribute.startswith("tag:"):
            assert sum(share.before for share in one.shares) == one.changed + one.lost + one.kept
            assert sum(share.after for share in one.shares) == one.changed + one.gained + one.kept


def test_the_difference_names_moves_and_shows_how_values_are_spread(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    numbers = marketing.customers()[:6]
    marketing.deliver({number: gold(p_alive="0.25", tier="silver") for number in numbers[:5]})
    tiers = ["gold", "gold", "silver", None, "platinum"]
    wanted = {
        number: {**gold(), "vip_tier": tier, "p_alive": Decimal("0.25") if tier else Decimal("0.75")}
        for number, tier in zip(numbers, tiers, strict=False)
    }
    marketing.want(wanted | {numbers[5]: gold()})
    plan = marketing.plan()
    planned = diff_of(marketing, plan.plan_id)
    told = {one.attribute: one for one in planned.values}
    assert planned.records == {"us": 5}
    assert told[TIER].name == "VIP tier"
    assert set(told[TIER].moves) == {
        Move("silver", "gold", 2), Move("silver", "platinum", 1), Move(None, "gold", 1), Move("silver", None, 1),
    }  # fmt: skip
    assert told[TIER].moves[0] == Move("silver", "gold", 2)
    shares = [(share.label, share.before, share.after) for share in told[TIER].shares]
    assert shares == [("silver", 5, 1), ("gold", 0, 3), ("platinum", 0, 1)]
    assert told[ALIVE].moves == ()
    spread = [(share.label, share.before, share.after) for share in told[ALIVE].shares]
    assert spread == [("0.25", 5, 4), ("0.50", 0, 1), ("0.75", 0, 1)]
    assert told["tag:boomerang:vip-gold"].gained == 3
    marketing.apply(plan)
    assert diff_of(marketing, plan.plan_id).values == planned.values
