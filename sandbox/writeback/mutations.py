"""Every mutation of the slice and the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.bulk import requests as bulk
from sandbox.bulk import staged
from sandbox.graph.session import Session
from sandbox.writeback import customers, definitions, metafields, orders, segments, tags, webhooks

MUTATIONS: dict[str, Callable[[Session, dict[str, Any]], dict[str, Any]]] = {
    "bulkOperationCancel": bulk.cancel,
    "bulkOperationRunMutation": bulk.run_mutation,
    "bulkOperationRunQuery": bulk.run_query,
    "customerUpdate": customers.update,
    "metafieldDefinitionCreate": definitions.create,
    "metafieldDefinitionDelete": definitions.delete,
    "metafieldDefinitionUpdate": definitions.update,
    "metafieldsDelete": metafields.delete_values,
    "metafieldsSet": metafields.set_values,
    "orderClose": orders.close,
    "orderOpen": orders.reopen,
    "segmentCreate": segments.create,
    "segmentDelete": segments.delete,
    "segmentUpdate": segments.update,
    "stagedUploadsCreate": staged.create,
    "tagsAdd": tags.add,
    "tagsRemove": tags.remove,
    "webhookSubscriptionCreate": webhooks.create,
    "webhookSubscriptionDelete": webhooks.delete,
    "webhookSubscriptionUpdate": webhooks.update,
}
