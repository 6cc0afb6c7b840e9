"""Builds or finds a world, and serves it on loopback until told to stop."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from sandbox.backoffice.asked import Asked
from sandbox.http.app import build_app
from sandbox.settings import Settings
from sandbox.shopify import Shopify
from sandbox.store import Store
from sandbox.world import World, build_world
from sandbox.world.parameters import SHOPS

if TYPE_CHECKING:
    from sandbox.backoffice.behind import Behind

HOST = "127.0.0.1"
# Raise it when the same size gets another world: what an older sandbox left in a folder is then made anew.
FORMAT = 2


@dataclass(frozen=True)
class Size:
    """What decides the content of a world."""

    seed: int = 1
    customers: int = 3_000
    orders: int | None = None
    months: int = 18
    history: str = "generated"

    def name(self) -> str:
        """Return a file name that is the same for the same content."""
        text = json.dumps([FORMAT, asdict(self)], sort_keys=True)
        return f"world-{self.history}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def pristine_world(folder: Path, size: Size) -> Path:
    """Return the file of a world as it was built; builds it when it is not there yet."""
    path = folder / f"{size.name()}.pristine.sqlite"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".building")
        for old in folder.glob(f"{part.name}*"):
            old.unlink()
        build_world(part, size.seed, size.customers, size.orders, size.months, size.history).close()
        part.rename(path)
    return path


class Sandbox:
    """A world with its server in a thread of this process. Use it as a context."""

    def __init__(
        self, folder: Path, size: Size, settings: Settings | None = None, port: int = 0, *, fresh: bool = False,
        backoffice: Asked | None = None,
    ) -> None:  # fmt: skip
        """Take the world in `folder`, made when it is missing; a copy left there is gone on with, unless `fresh`.

        `backoffice`: with an ERP and operators of warehouses behind the shops, and what is broken between them.
        """
        self.folder = folder
        self.pristine = pristine_world(folder, size)
        self.working = folder / f"{size.name()}.sqlite"
        if fresh:
            for left in folder.glob(f"{self.working.name}*"):
                left.unlink()
        if not self.working.exists():
            shutil.copyfile(self.pristine, self.working)
        self.settings = settings or Settings()
        self.port = port
        self.origin = ""
        self.backoffice = backoffice
        self.behind: Behind | None = None

    @contextlib.contextmanager
    def serving(self) -> Iterator[Sandbox]:
        """Serve while the context lasts."""
        with _alone(self.folder), contextlib.closing(_listen(self.port)) as listener:
            yield from self._serve(listener)

    def _serve(self, listener: socket.socket) -> Iterator[Sandbox]:
        store = Store(self.working)
        domains = [profile.domain for profile in SHOPS]
        shopify = Shopify(store, domains, self.folder / "files", self.settings, lambda by: advance(by))
        self.origin = shopify.origin = f"http://{HOST}:{listener.getsockname()[1]}"

        if self.backoffice is not None:
            # Its libraries are many, and most sandboxes have nothing behind their shops.
            from sandbox.backoffice.behind import Behind

            self.behind = Behind(
                store,
                self.pristine.name.partition(".")[0],
                self.backoffice,
                shopify.faults,
                shopify.clock_lead,
                self.settings.netsuite_concurrency,
            )

        def advance(by: timedelta) -> None:
            _advance(store, by)
            if self.behind is not None:
                self.behind.update()

        def restore() -> None:
            store.restore(self.pristine)
            shopify.start_over(self.settings)
            if self.behind is not None:
                self.behind.reset()

        config = uvicorn.Config(
            build_app(shopify, restore, self.behind), log_level="warning", access_log=False, date_header=False,
            server_header=False, lifespan="off", ws="none", timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="sandbox")
        thread.start()
        try:
            _wait_until(server, thread)
            yield self
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            # A query whose client went away still runs: SQLite ends the process when its file is closed under it.
            shopify.request_threads.shutdown()
            if self.behind is not None:
                self.behind.close()
            shopify.close()


def _advance(store: Store, by: timedelta) -> None:
    World(store).advance(hours=by.total_seconds() / 3600)


class CannotServe(RuntimeError):
    """The sandbox cannot start; the message says why and what to do."""


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "in-use").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise CannotServe(f"another sandbox serves {folder}: stop it, or choose another --data-dir") from problem
        yield


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=256)
    except OSError as problem:
        raise CannotServe(
            f"cannot listen on {HOST}:{port} ({problem.strerror}): choose another --port, or 0 for a free one"
        ) from problem


def _wait_until(server: uvicorn.Server, thread: threading.Thread) -> None:
    pause = threading.Event()
    while not server.started:
        if not thread.is_alive():
            raise CannotServe("the sandbox's server ended before it began; its log says why")
        pause.wait(0.01)


def ready_line(sandbox: Sandbox) -> str:
    """Return what is printed when the server is ready: one line of JSON."""
    shops: dict[str, Any] = {
        p.key: {"domain": p.domain, "base_url": f"{sandbox.origin}/shops/{p.domain}"} for p in SHOPS
    }
    line: dict[str, Any] = {"origin": sandbox.origin, "shops": shops}
    if sandbox.behind is not None:
        line |= sandbox.behind.ready(sandbox.origin)
    return json.dumps(line)
