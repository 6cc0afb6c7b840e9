"""A plan as a page: one file without scripts or anything from elsewhere, to look at, send round and keep."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from orchestration.plan_display import ABSENT, headline, in_words, send_command, standing
from pipelines.failures import BoomerangError
from reverse_etl.plans.plan_diff import PlanDiff, ValueDiff


class CannotWritePage(BoomerangError):
    """The file of a page cannot be written."""


def write_page(path: Path, made: PlanDiff, now: datetime) -> Path:
    """Write the page of a plan to `path`, whole or not at all; `now` (UTC) stands on it. Raises CannotWritePage."""
    environment = Environment(
        loader=PackageLoader("orchestration"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"in_words": in_words, "number": lambda number: f"{number:,}"}
    text = environment.get_template("plan.html.jinja").render(
        plan=made.plan, values=made.values, headline=headline(made), standing=standing(made.plan),
        command=send_command(made.plan), absent=ABSENT, tallest=_tallest, made_at=f"{now:%Y-%m-%d %H:%M} UTC",
    )  # fmt: skip
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as problem:
        with suppress(OSError):
            unfinished.unlink()
        reason = problem.strerror or type(problem).__name__
        raise CannotWritePage(f"The page {path} cannot be written: {reason}; name another file with --html.") from None
    return path


def _tallest(value: ValueDiff) -> int:
    """The count that fills the width of a bar."""
    return max(max(share.before, share.after) for share in value.shares) or 1
