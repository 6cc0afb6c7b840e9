"""When the merchant can know of a parcel: the operator's records say when it left, its files when they tell."""

from __future__ import annotations

import sqlite3

from sandbox.backoffice.records import Records
from sandbox.backoffice.story import Shipment, Story
from sandbox.backoffice.threepl_cuts import told_at
from sandbox.backoffice.threepl_parcels import parcel_id
from sandbox.backoffice.threepl_sites import site_of


def seen_at(records: Records, story: Story, shipment: Shipment) -> int:
    """Return the instant; that of the shipment itself where no operator has a part in it."""
    if shipment.partner is None:
        return shipment.shipped_at
    shipped = shipment.shipped_at
    try:
        rows = records.rows("SELECT shipped FROM tp_parcels WHERE parcel_id = ?", parcel_id(story, shipment.number))
    except sqlite3.OperationalError:
        # An office without operators.
        rows = []
    if rows and rows[0][0] is not None:
        shipped = int(rows[0][0])
    return told_at(site_of(story.shop, shipment.place), shipped)
