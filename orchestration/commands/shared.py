"""What commands have in common: the settings of the project or of the demo, and a place to show progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from orchestration.demo_world import DEMO_DIR, demo_world, only_one
from orchestration.quiet import shown_on
from pipelines.config import Settings, load_settings
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


def shops_of(settings: Settings, shop: str | None) -> list[str]:
    """The one shop asked for, or all; ConfigurationError for an unknown one."""
    return [settings.shop(shop).name] if shop else sorted(settings.shops)
