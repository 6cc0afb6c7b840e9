"""Files on their way to or from a destination, in the data folder: they hold customers' values.

There an erasure finds what a killed process left behind, and the next one removes it; the system's folder for temporary
files would keep it for as long as the machine runs.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.config import Settings

FOLDER = "write_back"
_LOCK = ".lock"


@contextmanager
def scratch(settings: Settings) -> Iterator[Path]:
    """A folder of one's own, readable by its owner alone and gone afterwards; folders of dead processes go first."""
    root = settings.data_dir / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("a") as one_at_a_time:  # or a folder would be taken for a dead one's before it is locked
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        _sweep(root)
        folder = Path(tempfile.mkdtemp(dir=root))
        lock = (folder / _LOCK).open("a")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _sweep(root: Path) -> None:
    for folder in [path for path in root.iterdir() if path.is_dir()]:
        with (folder / _LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # somebody is at work in it
            shutil.rmtree(folder, ignore_errors=True)
