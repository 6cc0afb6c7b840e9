"""The whole cycle on Snowflake's emulator, run by the command line.

It goes through the connector: a key pair, real PUT and COPY INTO.
"""

from tests.warehouses import proofs
from tests.warehouses.cycles import Cycle


def test_every_window_adds_up(snowflake_cycle: Cycle) -> None:
    proofs.every_window_adds_up(snowflake_cycle)


def test_shopify_holds_exactly_what_the_sync_model_wants(snowflake_cycle: Cycle) -> None:
    proofs.shopify_holds_exactly_what_the_sync_model_wants(snowflake_cycle)


def test_a_second_delivery_sends_nothing(snowflake_cycle: Cycle) -> None:
    proofs.a_second_delivery_sends_nothing(snowflake_cycle)


def test_a_day_later_there_are_more_orders(snowflake_cycle: Cycle) -> None:
    proofs.a_day_later_there_are_more_orders(snowflake_cycle)


def test_what_is_broken_between_the_systems_is_named(
    snowflake_cycle: Cycle,
) -> None:
    proofs.what_is_broken_between_the_systems_is_named(snowflake_cycle)
