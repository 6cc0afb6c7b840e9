"""One import for all tests: it takes Tryton half a minute."""

from collections.abc import Iterator

import pytest

from tests.tryton.importing import Imported, imported


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    """Tryton with the orders of the US shop, and the shop."""
    with imported(tmp_path_factory.mktemp("tryton")) as found:
        yield found
