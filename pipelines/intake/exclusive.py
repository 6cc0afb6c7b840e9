"""One extraction of a connection at a time (a shop, an ERP, a partner), on this machine: a second one waits.

Without it, a run would take the open windows of a living run for those of a dead one. The lock is the operating
system's: it goes with the process, however that ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.config import Settings
from pipelines.failures import SourceError

PATIENCE_SECONDS = 3_600.0
RETRY_SECONDS = 0.2


class ShopBusy(SourceError):
    """Another process keeps extracting this connection."""


@contextmanager
def exclusive(settings: Settings, connection: str, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold a connection, named by its settings key.

    Raises ShopBusy when another process or thread holds it for longer than `patience` seconds.
    """
    path = settings.data_dir / "locks" / f"{connection}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    give_up_at = time.monotonic() + patience
    with path.open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up_at:
                    file.seek(0)
                    raise ShopBusy(
                        f"{connection} is being extracted by another run (process {file.read().strip() or 'unknown'}) "
                        f"for more than {patience:.0f} seconds; wait for it or end it, then run again."
                    ) from None
                time.sleep(RETRY_SECONDS)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
