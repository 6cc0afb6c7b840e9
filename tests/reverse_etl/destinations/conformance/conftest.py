"""Every test of the suite runs on every destination."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reverse_etl.destinations.conformance.places import PLACES, Place, ShopifyPlace, shopify, webhook


@pytest.fixture(params=PLACES)
def place(
    request: pytest.FixtureRequest, clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Place]:
    kind = PLACES[request.param]
    if kind is ShopifyPlace:
        yield shopify(monkeypatch, tmp_path, request.getfixturevalue("sandbox"))
        return
    with webhook(monkeypatch, tmp_path, kind) as running:
        yield running
