"""Tryton in a virtual environment of its own (it is GPL, and nothing of it enters our process), with an empty database.

The database with all modules takes half a minute to make: it is made once, beside the environment, and copied by each
test.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.warehouses.environments import Environment, made

TRYTON = Environment(
    name="tryton",
    pins=(
        "trytond==8.2.1",
        "proteus==8.2.0",
        "trytond-account-stock-anglo-saxon==8.2.0",
        "trytond-account-invoice-stock==8.2.0",
        "trytond-sale-price-list==8.2.0",
        "trytond-sale-payment==8.2.0",
        "trytond-stock==8.2.1",
        "trytond-account==8.2.1",
        "trytond-web-shop-shopify==8.2.0",
        "shopifyapp==1.0.2",
        "python-sql==1.8.1",
    ),
)
MODULES = ("account_stock_anglo_saxon", "account_invoice_stock", "sale_price_list", "web_shop_shopify")
PASSWORD = "admin-of-a-test"
_CONFIG = """[database]
uri = sqlite://
path = {folder}
[queue]
worker = False
"""


@dataclass(frozen=True)
class Tryton:
    """One Tryton database: `folder` holds its configuration and `erp.sqlite`."""

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "erp.sqlite"

    @property
    def config(self) -> Path:
        """Tryton's configuration file."""
        return self.folder / "trytond.conf"

    def write_config(self) -> None:
        """Say where the database lies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(_CONFIG.format(folder=self.folder), encoding="utf-8")


def base() -> Tryton:
    """An empty database with all modules, made when it is absent."""
    environment = made(TRYTON)
    ready = Tryton(environment.folder / "base")
    if not (ready.folder / "complete").is_file():
        print(f"Making Tryton's database in {ready.folder} (half a minute, once)", file=sys.stderr, flush=True)
        ready.write_config()
        ready.database.unlink(missing_ok=True)
        ready.database.touch()
        password = ready.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        admin = [str(environment.folder / "bin" / "trytond-admin"), "-c", str(ready.config), "-d", "erp"]
        variables = {**os.environ, "TRYTONPASSFILE": str(password)}
        for arguments in (
            ["--all", "--email", "admin@example.com"],
            ["-u", *MODULES, "--activate-dependencies"],
        ):
            subprocess.run([*admin, *arguments], check=True, env=variables, stdout=sys.stderr)
        (ready.folder / "complete").touch()
    return ready


if __name__ == "__main__":
    print(base().folder)
