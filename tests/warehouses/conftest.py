"""The three warehouses for the tests of this folder."""

from tests.warehouses.fixtures import *  # noqa: F403
