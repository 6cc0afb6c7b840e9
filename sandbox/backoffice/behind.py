"""Everything behind the shops that a server of the sandbox serves: opened, caught up with the world, put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.routing import Route

from sandbox.backoffice.asked import Asked
from sandbox.backoffice.erp.part import Erp
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.operators import Operators
from sandbox.backoffice.threepl import ThreePL
from sandbox.faults import Faults
from sandbox.netsuite.account import Account
from sandbox.netsuite.routes import routes as netsuite_routes
from sandbox.netsuite.signon import ACCOUNT, CERTIFICATE, CLIENT_ID, CONSUMER, REALM, TOKEN
from sandbox.shipbob.routes import ShipBob
from sandbox.store import Store
from sandbox.world.times import epoch


class Behind:
    """The back office of a world, the ERP's account and the operators' services. Its files lie beside the world's."""

    def __init__(
        self, store: Store, world: str, asked: Asked, faults: Faults, lead: Callable[[], float], concurrency: int
    ) -> None:
        """Open what was left, or build it from the world, which takes seconds.

        `world` names the world's content; `lead` tells how many seconds clients' clocks are ahead of the world.
        """
        self._store = store
        self._folder = store.path.parent
        self._asked = asked
        self._lead = lead
        self._name = f"{world}.{asked.name()}"
        self._open()
        self.operators = Operators(self.threepl, self._folder / f"{self._name}.drop", faults)
        self.operators.update(self.now)
        self.netsuite = Account(lambda: self.office.records, self._folder / "netsuite", self._clock, concurrency)

    @property
    def now(self) -> int:
        """The world's instant, epoch seconds."""
        return epoch(str(self._store.get_meta("now")))

    def _clock(self) -> int:
        return self.now + int(self._lead())

    def _open(self) -> None:
        """Go on with what is on file, unless the world was put back since; then start from the world."""
        path = self._folder / f"{self._name}.backoffice.sqlite"
        built = self._folder / f"{self._name}.{self.now}.backoffice.pristine"
        if not path.exists() and built.exists():
            shutil.copyfile(built, path)
        self.office = self._office(path)
        updated = self.office.records.value("updated_to")
        if updated is not None and int(updated) > self.now:
            self._forget()
            shutil.rmtree(self._folder / f"{self._name}.drop", ignore_errors=True)
            if built.exists():
                shutil.copyfile(built, path)
            self.office = self._office(path)
            updated = self.office.records.value("updated_to")
        self.threepl = next(part for part in self.office.parts if isinstance(part, ThreePL))
        self.office.update()
        if updated is None:
            self.office.records.snapshot(built)

    def _office(self, path: Path) -> BackOffice:
        return BackOffice(self._store, path, self._asked.seed, self._asked.rates, [ThreePL, Erp])

    def _forget(self) -> None:
        self.office.close()
        for left in self._folder.glob(f"{self._name}.backoffice.sqlite*"):
            left.unlink()

    def update(self) -> None:
        """Follow the world to where it is now."""
        self.office.stock.lead = int(self._lead()) + 1
        self.office.update()
        self.operators.update(self.now)

    def reset(self) -> None:
        """Forget all that came after the world was built; the world itself has been put back already."""
        self._forget()
        self._open()
        self.operators.reset(self.threepl, self.now)

    def routes(self) -> list[Route]:
        """Return the routes of the ERP and of the operator that is reached over HTTP."""
        return [*netsuite_routes(), *ShipBob(lambda: self.threepl).routes()]

    def ready(self, origin: str) -> dict[str, Any]:
        """Return how the ERP and the operators are reached, and with what."""
        erp = {
            "base_url": f"{origin}/netsuite/{ACCOUNT}",
            "account": REALM,
            "client_id": CLIENT_ID,
            "certificate_id": CERTIFICATE,
            "private_key_path": str(self.netsuite.keys.private_key.resolve()),
            "consumer_key": CONSUMER[0],
            "consumer_secret": CONSUMER[1],
            "token_id": TOKEN[0],
            "token_secret": TOKEN[1],
        }
        return {"erp": erp, "threepl": self.operators.ready(origin)}

    def close(self) -> None:
        """Stop serving; what is on file stays."""
        self.operators.close()
        self.office.close()
