"""The demo's world: its own data folder, its own settings, a sandbox instead of Shopify.

Nothing of a real store takes part: settings of the surroundings are put aside, and the demo refuses to start if any
shop would be reached anywhere else than in the sandbox.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.demo_systems import system_sections, system_variables
from orchestration.sandbox_process import Sandbox, running_sandbox
from pipelines.config import CONFIG_FILE_VARIABLE, Settings, load_settings
from pipelines.failures import ConfigurationError

DEMO_DIR = Path("data/demo")
SANDBOX, PRISTINE, LOCK = "sandbox", ".pristine.", ".lock"
# Public dummies, which the sandbox accepts and Shopify does not.
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"


# How the sandbox is started: each demo keeps its own, so that `boomerang ui --demo` goes on in the same world.
OPTIONS_FILE = "sandbox.json"


class History(StrEnum):
    """What the shops of the sandbox have sold."""

    generated = "generated"
    cdnow = "cdnow"
    cdnow_sample = "cdnow-sample"

    def options(self) -> list[str]:
        """Arguments of the sandbox. The merchant is on Shopify Plus: others may send a tenth as fast.

        Generated shops have an ERP and warehouse operators behind them; published purchases name no shipments.
        """
        behind = ["--backoffice", "--plant", "default"] if self is History.generated else ["--history", self.value]
        return ["--plan", "plus", *behind]


@contextmanager
def only_one(directory: Path = DEMO_DIR) -> Iterator[None]:
    """Hold the folder of the demo: a second demo would clear it away under the first, so it is refused."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"Another demo or UI works in {directory}; stop it, then start this one."
            ) from None
        yield


def new_world(history: History, directory: Path = DEMO_DIR) -> None:
    """Remove what an earlier demo left, but for worlds as they were built, and settle what the sandbox serves."""
    directory.mkdir(parents=True, exist_ok=True)
    ours = [left for left in directory.iterdir() if left.name not in (SANDBOX, LOCK)]
    worlds = [left for left in (directory / SANDBOX).glob("*") if PRISTINE not in left.name]
    for left in ours + worlds:
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    (directory / OPTIONS_FILE).write_text(json.dumps(history.options()), encoding="utf-8")


@contextmanager
def demo_world(directory: Path = DEMO_DIR) -> Iterator[tuple[Settings, Sandbox]]:
    """Start the sandbox, yield settings that reach its shops and nothing else, put the environment back at exit."""
    # A second sandbox on the same world would write into the first one's files.
    options = json.loads((directory / OPTIONS_FILE).read_text(encoding="utf-8"))
    with running_sandbox(directory / SANDBOX, *options) as sandbox, _environment(directory, sandbox):
        settings = load_settings()
        for shop in settings.shops.values():
            if f"//{urlsplit(shop.base_url).netloc}" != sandbox.origin.removeprefix("http:"):
                raise ConfigurationError(
                    f"The demo reaches the sandbox only, but shop '{shop.name}' is configured at {shop.base_url}; "
                    f"run it in a folder without .env, or take BOOMERANG_SHOPS__{shop.name.upper()}__* out of .env."
                )
        yield settings, sandbox


@contextmanager
def _environment(directory: Path, sandbox: Sandbox) -> Iterator[None]:
    """Swap every BOOMERANG_* variable of the process for the demo's."""
    before = {name: value for name, value in os.environ.items() if name.startswith("BOOMERANG_")}
    for name in before:
        del os.environ[name]
    os.environ.update(_variables(directory, sandbox))
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("BOOMERANG_")]:
            del os.environ[name]
        os.environ.update(before)


def _variables(directory: Path, sandbox: Sandbox) -> dict[str, str]:
    config = directory / "boomerang.toml"
    sections = [f'[shops.{name}]\ndomain = "{domain}"\n' for name, domain in shops_of(sandbox).items()]
    config.write_text(
        "# Settings of the demo, written by `boomerang demo`.\n\n"
        + "\n".join([*sections, system_sections(sandbox.ready)]),
        encoding="utf-8",
    )
    here = {CONFIG_FILE_VARIABLE: str(config.absolute()), "BOOMERANG_DATA_DIR": str(directory.absolute())}
    return {**here, **shop_variables(sandbox), **system_variables(sandbox.ready)}


def shops_of(sandbox: Sandbox) -> dict[str, str]:
    """The shops of a sandbox by settings key: boomerang-us.myshopify.com is `us`."""
    domains = sandbox.meta("health")["shops"]
    return {domain.split(".")[0].rpartition("-")[2]: domain for domain in domains}


def shop_variables(sandbox: Sandbox) -> dict[str, str]:
    """The settings that reach the shops of a sandbox, as environment variables."""
    variables = {}
    for name, domain in shops_of(sandbox).items():
        prefix = f"BOOMERANG_SHOPS__{name.upper()}__"
        variables[f"{prefix}BASE_URL"] = f"{sandbox.origin}/shops/{domain}"
        variables[f"{prefix}CLIENT_ID"] = CLIENT_ID
        variables[f"{prefix}CLIENT_SECRET"] = CLIENT_SECRET
    return variables
