"""Models and scores.

What they need (dbt, scipy, plots) takes seconds to import, so it is imported where it is used: `--help` stays quick.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestration.commands.shared import Demo, chosen_settings, progress_on_terminal, without_secrets
from pipelines.config import load_settings


def build(
    select: Annotated[str, typer.Option("--select", "-s", help="dbt selection, such as fct_orders+")] = "",
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Build incremental models anew.")] = False,
    demo: Demo = False,
) -> None:
    """Build and test the dbt models; on a new warehouse run `score` in between, or use `refresh`."""
    from orchestration.lib import dbt_project

    with chosen_settings(demo) as settings:
        # A test of a selected model may also read models that are not selected, and perhaps not built yet.
        selection = ["--select", *select.split(), "--indirect-selection", "buildable"] if select else []
        arguments = [*dbt_project.BUILD, *selection]
        dbt_project.run_dbt(settings, arguments + (["--full-refresh"] if full_refresh else []))


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
