"""A Tryton database with the orders of a sandbox shop in it, brought there by Tryton's own Shopify connector."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.server import Sandbox, Size
from sandbox.settings import Settings
from tests.sandbox_fixture import US, SandboxClient
from tests.tryton.environment import TRYTON, Tryton, base
from tests.tryton.front import Front, front

PROGRAMS = Path(__file__).parent / "programs"
WORLD = Size(seed=1, customers=40, months=3)
COUNTRIES = {"US": "United States", "CA": "Canada", "DE": "Germany", "AT": "Austria", "FR": "France", "GB": "Britain"}
YEARS = (2025, 2026)
VARIANTS = """query V($after: String) { found: productVariants(first: 100, after: $after) {
  nodes { id sku title price product { title } inventoryItem { requiresShipping } }
  pageInfo { hasNextPage endCursor } } }"""
CUSTOMERS = """query C($after: String) { found: customers(first: 100, after: $after) {
  nodes { id displayName } pageInfo { hasNextPage endCursor } } }"""
ORDERS = """query O($after: String) { found: orders(first: 100, after: $after) {
  nodes { id name cancelledAt currentTotalPriceSet { presentmentMoney { amount } } }
  pageInfo { hasNextPage endCursor } } }"""
LOCATIONS = """query L($after: String) { found: locations(first: 50, after: $after) {
  nodes { id name } pageInfo { hasNextPage endCursor } } }"""


@dataclass
class Imported:
    """What the import found and left: `orders` are the shop's, `report` is Tryton's own count."""

    tryton: Tryton
    shop: SandboxClient
    front: Front
    orders: Sequence[dict[str, Any]]
    report: dict[str, Any]


@contextmanager
def imported(folder: Path) -> Iterator[Imported]:
    """Serve a world, let Tryton fetch the orders of one of its shops, and keep the shop open meanwhile."""
    tryton = Tryton(folder / "erp")
    tryton.write_config()
    shutil.copyfile(base().database, tryton.database)
    world = Sandbox(folder / "sandbox", WORLD, Settings(plan="enterprise", bulk_seconds=0.04))
    with world.serving(), front(world.origin, folder / "tls") as served, SandboxClient(world) as shop:
        _run(tryton, served, "prepare", _world(shop))
        report = _run(tryton, served, "import_orders", {"most_runs": 20})
        yield Imported(tryton, shop, served, all_of(shop, ORDERS), report)


def all_of(shop: SandboxClient, query: str) -> list[dict[str, Any]]:
    """All nodes of a paged query."""
    nodes: list[dict[str, Any]] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        found = shop.ask(query, {"after": page["endCursor"]})["found"]
        nodes, page = nodes + found["nodes"], found["pageInfo"]
    return nodes


def number(gid: str) -> str:
    """The number of a global id."""
    return gid.rpartition("/")[2]


def _world(shop: SandboxClient) -> dict[str, Any]:
    """What `programs/prepare.py` sets up, as the shop has it."""
    return {
        "currency": "USD",
        "countries": COUNTRIES,
        "years": YEARS,
        "shop": US.partition(".")[0],
        "token": shop.token(),
        "locations": [{"id": number(each["id"]), "name": each["name"]} for each in all_of(shop, LOCATIONS)],
        "products": [
            {
                "variant_id": number(each["id"]),
                "sku": each["sku"] or number(each["id"]),
                "title": f"{each['product']['title']} {each['title']}",
                "price": each["price"],
                "is_good": each["inventoryItem"]["requiresShipping"],
            }
            for each in all_of(shop, VARIANTS)
        ],
        "customers": [{"id": number(each["id"]), "name": each["displayName"]} for each in all_of(shop, CUSTOMERS)],
    }


def _run(tryton: Tryton, served: Front, program: str, given: dict[str, Any]) -> dict[str, Any]:
    """Run a program in Tryton's environment; its last words are the failure when it fails."""
    done = subprocess.run(
        [str(TRYTON.python), str(PROGRAMS / f"{program}.py")],
        input=json.dumps({"config": str(tryton.config), **given}),
        env={**os.environ, **served.variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
