"""Settings of the warehouse operators (3PL); `config.py` reads them.

A partner is reached over HTTP (`kind = "shipbob"`) or leaves files on an SFTP server (`kind = "files"`). The settings
key is the partner's name: the first column of every table. Secrets come from the environment or `.env` only.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

# The entities of the contract that a file can bring.
FeedKind = Literal["orders", "shipments", "inventory_snapshots", "movements", "receipts", "returns"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(zone: str | None) -> str | None:
    if zone is not None and zone not in available_timezones():
        raise ValueError(f"names the time zone '{zone}', which is not an IANA name such as Europe/Berlin")
    return zone


class PartnerWarehouse(_Section):
    """One warehouse of a partner; the settings key is the code that the partner's files and replies use.

    `zone` says in which zone its clocks are read: files name an hour and no zone.
    """

    name: str | None = None
    zone: str | None = None

    _zone = field_validator("zone")(_known_zone)


class Feed(_Section):
    """One kind of file. X12 files say themselves what they are and of which warehouse; CSV files are told here.

    `columns` maps our columns to the file's headings, where they differ from those in docs/adding_a_threepl.md;
    `values` maps the values of a column. `trailer` is the first cell of a last line whose second cell is the number of
    rows. `done_suffix`: a file is complete once a file of its name and this suffix stands beside it.
    `every_hours`: a feed that brought nothing for so long is late. The band is in rows; `typical_share` compares with
    the median of the last files, so that 0.5 finds files with less than half or more than twice as many rows.
    """

    name: str
    pattern: Annotated[str, Field(min_length=1, description="as in a shell, below the partner's folder")]
    format: Literal["csv", "x12"] = "csv"
    kind: FeedKind | None = None
    warehouse: str | None = None
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Literal["utf-8", "latin-1", "utf-16"] = "utf-8"
    trailer: str | None = None
    time_format: str | None = Field(default=None, description="strptime's; ISO 8601 when left out")
    done_suffix: str | None = None
    every_hours: Annotated[float, Field(gt=0)] | None = None
    minimum_rows: Annotated[int, Field(ge=0)] = 0
    maximum_rows: Annotated[int, Field(ge=1)] | None = None
    typical_share: Annotated[float, Field(ge=0, lt=1)] = 0.25

    @model_validator(mode="after")
    def _csv_says_what_it_is(self) -> Self:
        if self.format == "csv" and self.kind is None:
            raise ValueError("needs a kind, for a CSV file does not say what it holds: add, say, kind = 'shipments'")
        return self


class Qualifiers(_Section):
    """What the codes of a partner's X12 files mean; each partner uses its own selection.

    `quantity` (QTY01 of an 846) to a quantity column; `sku` are the product id qualifiers that carry the SKU, first
    match wins; `tracking` and `rma` are qualifiers of N901; `adjustment` (W1901) to a kind of movement.
    """

    quantity: dict[str, str] = {
        "33": "on_hand_quantity",
        "QH": "on_hand_quantity",
        "QA": "available_quantity",
        "QC": "committed_quantity",
        "QD": "damaged_quantity",
        "QI": "inspection_quantity",
    }
    sku: tuple[str, ...] = ("VN", "SK", "VP")
    tracking: tuple[str, ...] = ("CN", "2I")
    return_reference: tuple[str, ...] = ("RZ", "RMA")
    line_reference: tuple[str, ...] = ("LI",)
    shipped_at: tuple[str, ...] = ("11",)
    received_at: tuple[str, ...] = ("50", "RC")
    adjustment: dict[str, str] = {
        "01": "receipt",
        "02": "shipment",
        "03": "return",
        "05": "adjustment",
        "06": "transfer_in",
        "07": "transfer_out",
        "08": "damage",
    }


class _Partner(_Section):
    name: str
    warehouses: dict[str, PartnerWarehouse] = {}


class ShipBobPartner(_Partner):
    """ShipBob's REST API. Its limit is 150 calls in any minute, for all programs of a user together."""

    kind: Literal["shipbob"]
    base_url: str = "https://api.shipbob.com"
    api_version: Annotated[str, Field(pattern=r"^20\d\d-(01|04|07|10)$")] = "2026-01"
    access_token: SecretStr | None = Field(default=None, description="a personal access token")
    calls_per_minute: Annotated[int, Field(ge=1, le=149)] = 140
    page_size: Annotated[int, Field(ge=1, le=250)] = 250
    history_days: Annotated[int, Field(ge=1)] = Field(default=730, description="how far back movements are read first")

    def missing(self) -> str | None:
        """Name of the first setting without which the partner cannot be reached; None when all are there."""
        return "access_token" if self.access_token is None else None


class FilePartner(_Partner):
    """Files on an SFTP server whose host key is known beforehand, by `host_key` or by a file of known hosts.

    `zone` is that of warehouses without one of their own. `settle_seconds` lie between two listings: a file that grows
    between them is left for the next run. `clock`: what the time is, by this machine or by the newest file.
    """

    kind: Literal["files"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: str
    password: SecretStr | None = None
    private_key: SecretStr | None = Field(default=None, description="PEM or OpenSSH text")
    private_key_path: Path | None = None
    private_key_passphrase: SecretStr | None = None
    host_key: str | None = Field(default=None, description="a line such as 'ssh-ed25519 AAAA...'")
    known_hosts: Path | None = None
    folder: str = "."
    zone: str | None = None
    clock: Literal["system", "files"] = "system"
    settle_seconds: Annotated[float, Field(ge=0)] = 5.0
    feeds: dict[str, Feed] = {}
    qualifiers: Qualifiers = Qualifiers()

    _zone = field_validator("zone")(_known_zone)

    @field_validator("feeds", mode="before")
    @classmethod
    def _name_feeds_after_their_key(cls, feeds: dict[str, Any]) -> dict[str, Any]:
        return {name: {**feed, "name": name} if isinstance(feed, dict) else feed for name, feed in feeds.items()}

    @model_validator(mode="after")
    def _feeds_name_known_warehouses(self) -> Self:
        for feed in self.feeds.values():
            if feed.warehouse is not None and feed.warehouse not in self.warehouses:
                raise ValueError(
                    f"has a feed '{feed.name}' of the warehouse '{feed.warehouse}', which is not among its "
                    "warehouses: add a section with its zone"
                )
        return self

    def missing(self) -> str | None:
        """Name of the first setting without which the partner cannot be reached; None when all are there."""
        if self.password is None and self.private_key is None and self.private_key_path is None:
            return "private_key_path"
        return "host_key" if self.host_key is None and self.known_hosts is None else None


ThreePL = Annotated[ShipBobPartner | FilePartner, Field(discriminator="kind")]
