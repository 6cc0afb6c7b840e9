"""The three warehouses."""

from tests.warehouses.fixtures import *  # noqa: F403
