"""What a cycle on any warehouse has to show."""

from tests.warehouses.cycles import Cycle


def every_window_adds_up(cycle: Cycle) -> None:
    """What Shopify said there is, arrived, and what arrived was loaded or put aside, on both days."""
    assert all(day.windows > 15 for day in cycle.days)
    assert [day.unbalanced for day in cycle.days] == [[], []]


def shopify_holds_exactly_what_the_sync_model_wants(cycle: Cycle) -> None:
    """Every value of every customer, and nothing else of ours, on both days."""
    first, second = cycle.days
    assert sum(len(customers) for customers in first.held.values()) > 50
    assert first.held == first.wanted
    assert second.held == second.wanted


def a_second_delivery_sends_nothing(cycle: Cycle) -> None:
    """What was acknowledged is not sent again."""
    assert cycle.sent_again == []


def a_day_later_there_are_more_orders(cycle: Cycle) -> None:
    """The increment arrived."""
    first, second = cycle.days
    assert second.orders > first.orders > 0


def what_is_broken_between_the_systems_is_named(cycle: Cycle) -> None:
    """Breaks of every group that the sandbox plants, on both days."""
    for day in cycle.days:
        codes = day.tables["marts.fct_breaks"]["code"].to_pylist()
        groups = {code.split("-")[0] for code in codes}
        assert groups >= {"ORD", "FUL", "INV", "RET", "AMT", "PAY", "GL", "REF", "TIM"}
