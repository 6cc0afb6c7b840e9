"""What commands have in common: the settings of the project or of the demo, and a place to show progress."""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from orchestration.demo_world import DEMO_DIR, demo_world, only_one
from orchestration.quiet import shown_on
from pipelines.config import Settings, config_file, load_settings
from pipelines.failures import ConfigurationError
from pipelines.progress import Progress

Demo = Annotated[bool, typer.Option("--demo", help="Work on the data of `boomerang demo`, with its sandbox running.")]
OneShop = Annotated[str | None, typer.Option("--shop", help="Settings key of one shop; all shops without it.")]


@contextmanager
def chosen_settings(demo: bool) -> Iterator[Settings]:
    """The project's settings, or those of the demo while its sandbox runs."""
    if not demo:
        yield load_settings()
        return
    if not (DEMO_DIR / "boomerang.duckdb").is_file():
        raise ConfigurationError(f"There is no demo in {DEMO_DIR}; run `boomerang demo` first.")
    with only_one(), demo_world() as (settings, _):
        yield settings


@contextmanager
def progress_on_terminal() -> Iterator[Progress]:
    """Live bars on stderr when it is a terminal, lines otherwise; results alone go to stdout."""
    with shown_on(Console(stderr=True)) as progress:
        yield progress


@contextmanager
def without_secrets() -> Iterator[None]:
    """Let settings load where no secret may be, such as the build of an image: what is missing gets a placeholder."""
    path = config_file()
    given = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    names = [f"BOOMERANG_SHOPS__{shop.upper()}__ACCESS_TOKEN" for shop in given.get("shops", {})]
    if "private_key_path" not in given.get("snowflake", {}):
        names.append("BOOMERANG_SNOWFLAKE__PRIVATE_KEY")
    placed = [name for name in names if name not in os.environ]
    os.environ.update(dict.fromkeys(placed, "placeholder"))
    try:
        yield
    finally:
        for name in placed:
            del os.environ[name]
