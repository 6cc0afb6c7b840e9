"""A real history instead of a drawn one: the CDNOW purchases of Fader and Hardie, January 1997 to June 1998.

The file ships with the PyPI package ``lifetimes`` (MIT licence): one line per purchase with customer, date, number of
CDs and dollars paid. Each purchase becomes one order of one line; dates, quantities and amounts stay as they are.
Time of day, names and addresses, which the file does not have, are drawn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sandbox.store import Store
from sandbox.world.building import no_garbage_collection
from sandbox.world.catalog import GOODS, NEVER, Catalog, Product, Variant
from sandbox.world.context import Context
from sandbox.world.customers import customer_document
from sandbox.world.inventory import item_document
from sandbox.world.locations import location_documents
from sandbox.world.making import CustomerSums
from sandbox.world.orders import payments, shipping
from sandbox.world.orders.document import document
from sandbox.world.orders.plan import Doc, Item, Plan
from sandbox.world.orders.state import play
from sandbox.world.customers import Totals
from sandbox.world.ids import Ids
from sandbox.world.people import email
from sandbox.world.parameters import SHOPS, Parameters
from sandbox.world.population import ACCOUNT, NO_ACCOUNT, Population
from sandbox.world.population import NEVER as NO_MERGE
from sandbox.world.products import product_document, variant_document
from sandbox.world.regions import REGION_SHARES, REGIONS
from sandbox.world.shops import segment_documents, shop_document
from sandbox.world.statistics import thresholds
from sandbox.world.streams import HISTORY, Ints, uniforms
from sandbox.world.times import DAY, at_office_hours, epoch, iso
