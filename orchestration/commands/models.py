"""Models and scores.

What they need (dbt, scipy, plots) takes seconds to import, so it is imported where it is used: `--help` stays quick.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.commands.shared import Demo, chosen_settings, progress_on_terminal, without_secrets
from orchestration.quiet import wide_console
from pipelines.config import load_settings

if TYPE_CHECKING:
    from orchestration.lib.model_costs import Cost


def build(
    select: Annotated[str, typer.Option("--select", "-s", help="dbt selection, such as fct_orders+")] = "",
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Build incremental models anew.")] = False,
    demo: Demo = False,
) -> None:
    """Build and test the dbt models; on a new warehouse run `score` in between, or use `refresh`."""
    from orchestration.lib import dbt_project
    from orchestration.lib.dbt_manifest import manifest
    from orchestration.lib.model_trust import record_results

    with chosen_settings(demo) as settings:
        # A test of a selected model may also read models that are not selected, and perhaps not built yet.
        selection = ["--select", *select.split(), "--indirect-selection", "buildable"] if select else []
        arguments = [*dbt_project.BUILD, *selection]
        began, folder = time.time(), dbt_project.target_dir(settings)
        try:
            dbt_project.run_dbt(settings, arguments + (["--full-refresh"] if full_refresh else []))
        finally:
            record_results(settings, manifest(settings), folder / "run_results.json", since=began)


def score(
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Business day to see customers at; default: the latest."),
    ] = None,
    demo: Demo = False,
) -> None:
    """Fit BG/NBD and Gamma-Gamma for every shop, backtest them, and store the scores."""
    from orchestration.lib.score_assets import fits_table
    from pipelines.scores.fit import fit_scores

    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        report = fit_scores(settings, as_of=as_of.replace(tzinfo=UTC).date() if as_of else None, progress=progress)
    typer.echo(fits_table(report))


def costs(
    tests: Annotated[bool, typer.Option("--tests", help="Also what tests cost.")] = False,
    demo: Demo = False,
) -> None:
    """Print what each model cost when it was last built: seconds, rows, and the bytes that a warehouse bills."""
    from orchestration.lib.model_costs import latest_costs

    with chosen_settings(demo) as settings:
        found = [cost for cost in latest_costs(settings) if tests or cost.kind != "test"]
    console = wide_console()
    if not found:
        console.print("No model has been built yet; run `boomerang build` or `boomerang refresh`.")
        return
    console.print(_costs_table(found))


def prepare() -> None:
    """Parse the dbt project ahead of time, for a container image; needs no secrets and no warehouse."""
    from orchestration.lib import dbt_manifest

    with without_secrets():
        path = dbt_manifest.prepare(load_settings())
    typer.echo(f"Parsed into {path}")


def docs(demo: Demo = False) -> None:
    """Write the dbt documentation as one HTML file, with the columns and sizes of the warehouse."""
    from orchestration.lib import dbt_project

    with chosen_settings(demo) as settings:
        dbt_project.run_dbt(settings, ["docs", "generate", "--static"])
        typer.echo(f"Open {dbt_project.target_dir(settings) / 'static_index.html'}")


def _costs_table(costs: "Sequence[Cost]") -> Table:
    """One row a model, and their sum; bytes only where the warehouse counts them."""
    with_bytes = any(cost.bytes_read is not None for cost in costs)
    columns = ["", "built (UTC)", "seconds", "rows written"]
    columns += ["MB scanned", "MB billed", "slot seconds"] if with_bytes else []
    table = Table(*columns, box=None, header_style="dim", pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
    for cost in costs:
        row = [cost.name, f"{cost.finished_at:%Y-%m-%d %H:%M}", f"{cost.seconds:,.2f}", _counted(cost.rows)]
        sizes = [_megabytes(cost.bytes_read), _megabytes(cost.bytes_billed), _counted(cost.slot_seconds)]
        table.add_row(*row, *(sizes if with_bytes else ()))
    seconds = sum(cost.seconds for cost in costs)
    read, billed = (sum(getattr(cost, name) or 0 for cost in costs) for name in ("bytes_read", "bytes_billed"))
    slots = sum(cost.slot_seconds or 0 for cost in costs)
    total = ["all", "", f"{seconds:,.2f}", ""]
    table.add_row(*total, *([_megabytes(read), _megabytes(billed), _counted(slots)] if with_bytes else ()))
    return table


def _counted(number: float | None) -> str:
    return f"{number:,.0f}" if number is not None else ""


def _megabytes(number: int | None) -> str:
    return f"{number / 1e6:,.1f}" if number is not None else ""
