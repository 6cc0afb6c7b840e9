"""The demo's world: its own data folder, its own settings, a sandbox instead of Shopify.

Nothing of a real store takes part: settings of the surroundings are put aside, and the demo refuses to start if any
shop would be reached anywhere else than in the sandbox.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.sandbox_process import Sandbox, running_sandbox
from pipelines.config import CONFIG_FILE_VARIABLE, Settings, load_settings
from pipelines.failures import ConfigurationError

DEMO_DIR = Path("data/demo")
SHOPS = {"us": "boomerang-us.myshopify.com", "eu": "boomerang-eu.myshopify.com"}
# Public dummies, which the sandbox accepts and Shopify does not.
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"


def wipe(directory: Path = DEMO_DIR) -> None:
    """Remove what an earlier demo left."""
    shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def demo_world(directory: Path = DEMO_DIR, *options: str) -> Iterator[tuple[Settings, Sandbox]]:
    """Start the sandbox, yield settings that reach its shops and nothing else, put the environment back at exit."""
    with running_sandbox(directory / "sandbox", *options) as sandbox, _environment(directory, sandbox.origin):
        settings = load_settings()
        for shop in settings.shops.values():
            if f"//{urlsplit(shop.base_url).netloc}" != sandbox.origin.removeprefix("http:"):
                raise ConfigurationError(
                    f"The demo reaches the sandbox only, but shop '{shop.name}' is configured at {shop.base_url}; "
                    f"run it in a folder without .env, or take BOOMERANG_SHOPS__{shop.name.upper()}__* out of .env."
                )
        yield settings, sandbox


@contextmanager
def _environment(directory: Path, origin: str) -> Iterator[None]:
    """Swap every BOOMERANG_* variable of the process for the demo's."""
    before = {name: value for name, value in os.environ.items() if name.startswith("BOOMERANG_")}
    for name in before:
        del os.environ[name]
    os.environ.update(_variables(directory, origin))
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("BOOMERANG_")]:
            del os.environ[name]
        os.environ.update(before)


def _variables(directory: Path, origin: str) -> dict[str, str]:
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "boomerang.toml"
    sections = [f'[shops.{name}]\ndomain = "{domain}"\n' for name, domain in SHOPS.items()]
    config.write_text(
        "# Settings of the demo, written by `boomerang demo`.\n\n" + "\n".join(sections), encoding="utf-8"
    )
    here = {CONFIG_FILE_VARIABLE: str(config.absolute()), "BOOMERANG_DATA_DIR": str(directory.absolute())}
    return {**here, **shop_variables(origin)}


def shop_variables(origin: str) -> dict[str, str]:
    """The settings that reach the shops of a sandbox at `origin`, as environment variables."""
    variables = {}
    for name, domain in SHOPS.items():
        prefix = f"BOOMERANG_SHOPS__{name.upper()}__"
        variables[f"{prefix}BASE_URL"] = f"{origin}/shops/{domain}"
        variables[f"{prefix}CLIENT_ID"] = CLIENT_ID
        variables[f"{prefix}CLIENT_SECRET"] = CLIENT_SECRET
    return variables
