"""The ERP and the warehouse operators of the sandbox, as settings: what a merchant writes into boomerang.toml for them.

The sandbox says where they are and with what they are reached; secrets go into the environment, as everywhere.
"""

from collections.abc import Mapping
from typing import Any

# Leipzig leaves CSV files with the usual headings, Hamburg X12 interchanges; neither names a time zone.
FILES = """[threepl.nordlager]
kind = "files"
host = "{host}"
port = {port}
user = "{user}"
host_key = "{host_key}"
folder = "{folder}"
# The sandbox's world has a clock of its own, and files are dated by it.
clock = "files"
settle_seconds = 0

[threepl.nordlager.warehouses.LEJ]
name = "Leipzig"
zone = "Europe/Berlin"

[threepl.nordlager.warehouses.HAM]
name = "Hamburg"
zone = "Europe/Berlin"
{feeds}
[threepl.nordlager.feeds.hamburg]
pattern = "hamburg/*.edi"
format = "x12"
warehouse = "HAM"
"""
FEED = """
[threepl.nordlager.feeds.leipzig_{kind}]
pattern = "leipzig/{prefix}_*.csv"
kind = "{kind}"
warehouse = "LEJ"
trailer = "TRAILER"
"""
PREFIXES = {
    "shipments": "shp",
    "inventory_snapshots": "inv",
    "movements": "mov",
    "receipts": "rcv",
    "returns": "ret",
}
API = """[threepl.shipbob]
kind = "shipbob"
base_url = "{base_url}"
"""
ERP = """[erp.netsuite]
kind = "netsuite"
account = "{account}"
base_url = "{base_url}"
client_id = "{client_id}"
certificate_id = "{certificate_id}"
private_key_path = "{private_key_path}"
algorithm = "ES256"
time_zone = "America/New_York"
"""


def system_sections(ready: Mapping[str, Any]) -> str:
    """Sections of boomerang.toml for the systems in the sandbox's line; empty when it serves none."""
    if "erp" not in ready:
        return ""
    feeds = "".join(FEED.format(kind=kind, prefix=prefix) for kind, prefix in PREFIXES.items())
    files = FILES.format(**ready["threepl"]["nordlager"], feeds=feeds)
    return "\n".join([ERP.format(**ready["erp"]), API.format(**ready["threepl"]["shipbob"]), files])


def system_variables(ready: Mapping[str, Any]) -> dict[str, str]:
    """Their secrets, as environment variables."""
    if "erp" not in ready:
        return {}
    return {
        "BOOMERANG_THREEPL__SHIPBOB__ACCESS_TOKEN": ready["threepl"]["shipbob"]["access_token"],
        "BOOMERANG_THREEPL__NORDLAGER__PASSWORD": ready["threepl"]["nordlager"]["password"],
    }
