"""The whole cycle on BigQuery's emulator, run by the command line.

It goes through the client: a service account, real load jobs and sessions.
"""

from tests.warehouses import proofs
from tests.warehouses.cycles import Cycle


def test_every_window_adds_up(bigquery_cycle: Cycle) -> None:
    proofs.every_window_adds_up(bigquery_cycle)


def test_shopify_holds_exactly_what_the_sync_model_wants(bigquery_cycle: Cycle) -> None:
    proofs.shopify_holds_exactly_what_the_sync_model_wants(bigquery_cycle)


def test_a_second_delivery_sends_nothing(bigquery_cycle: Cycle) -> None:
    proofs.a_second_delivery_sends_nothing(bigquery_cycle)


def test_a_day_later_there_are_more_orders(bigquery_cycle: Cycle) -> None:
    proofs.a_day_later_there_are_more_orders(bigquery_cycle)


def test_what_is_broken_between_the_systems_is_named(
    bigquery_cycle: Cycle,
) -> None:
    proofs.what_is_broken_between_the_systems_is_named(bigquery_cycle)
