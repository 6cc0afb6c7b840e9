"""Run by the peer's own Python: dlt, REST orders with Link paging, Parquet loader, child tables -> DuckDB.

The shape of dlt's verified Shopify source, which reads orders over REST with a cursor on updated_at.
"""

import sys
from collections.abc import Iterator
from typing import Any

import dlt
from dlt.sources.helpers import requests

URL = "https://bench.myshopify.com/admin/api/2026-10/orders.json?limit=250&status=any&order=updated_at+asc"


@dlt.resource(primary_key="id", write_disposition="merge")
def orders(
    updated_at: Any = dlt.sources.incremental("updated_at", initial_value="2000-01-01T00:00:00Z"),  # noqa: B008
) -> Iterator[list[dict[str, Any]]]:
    """One page after the other."""
    del updated_at
    url: str | None = URL
    while url:
        response = requests.get(url, headers={"X-Shopify-Access-Token": "public-dummy"})
        response.raise_for_status()
        yield response.json()["orders"]
        url = response.links.get("next", {}).get("url")


destination = dlt.destinations.duckdb(sys.argv[1])
pipeline = dlt.pipeline("peer_rest", destination=destination, dataset_name="shopify", pipelines_dir="dlt")
pipeline.run(orders(), loader_file_format="parquet")
