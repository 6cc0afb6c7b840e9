"""A page per sync for those who use what it writes, made from its file: `python -m orchestration.sync_docs`.

What each metafield, tag and segment means, who has it and when it changes. A test holds the pages against the files.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.destination_settings import SHOPIFY
from reverse_etl.sync_format.sync_fields import MetafieldField, OwnedTags
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync, sync_names

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "syncs"
MODELS = ROOT / "dbt_project" / "models" / "syncs"
_LEAVES = {
    "mirror": "loses all of it with the next delivery",
    "update": "keeps what was written last",
    "add_only": "keeps what was written first; nothing is ever changed or taken away",
}
_ABSENT = {
    "delete": "removed when there is no value",
    "keep": "the last value stays when there is none",
    "null_out": "empty when there is no value",
}


def page(sync: Sync, file: str) -> str:
    """The page of one sync in Markdown; `file` is the name of its file."""
    records = f"{sync.object}s"
    described = model_columns(sync.model.partition(".")[2])
    parts = [
        f"# What the sync `{sync.name}` writes on {records}\n",
        f"Made from `reverse_etl/syncs/{file}` by `make docs`; edit that file, not this one.\n",
        f"{sync.description}\n",
        "## Who has it\n",
        *(f"- {line}" for line in _who(sync)),
        "",
        "## When it changes\n",
        f"With each delivery (`boomerang deliver`, or the schedule `deliver_daily`) after a build in which a value of "
        f"`{sync.model}` changed. Metafields are written before tags, and a new tag before the one that it replaces "
        f"goes: what starts from a tag finds the metafields in place.\n",
    ]
    if sync.metafields:
        parts += ["## Metafields\n", *(_metafield(field, described) for field in sync.metafields)]
    if sync.tags:
        parts += ["## Tags\n", _tags(sync.tags, {field.column: field.description for field in sync.metafields})]
    if sync.segments:
        parts += ["## Segments\n", _segments(sync)]
    return "\n".join(parts).rstrip("\n") + "\n"


@cache
def model_columns(model: str) -> dict[str, str]:
    """What the model says of its columns, by name; the model's own words under ''."""
    for path in sorted(MODELS.glob(f"*/{model}.yml")):
        described: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]
        columns = {column["name"]: column.get("description", "") for column in described.get("columns", [])}
        return {"": " ".join(described["description"].split()), **columns}
    return {}


def _who(sync: Sync) -> Iterator[str]:
    yield model_columns(sync.model.partition(".")[2]).get("", f"The rows of `{sync.model}`.")
    shops = f"the shops {', '.join(sync.shops)}" if sync.shops else "all shops"
    yield f"In {shops}. One that is not among them any more {_LEAVES[sync.mode]} (mode `{sync.mode}`)."
    if sync.destination != SHOPIFY:
        yield f"Not in Shopify, but at the [destination](../destinations.md) `{sync.destination}`."
    if sync.consent and sync.consent.column:
        yield f"Only customers who agreed: `{sync.consent.column}` is true."
    elif sync.consent:
        yield f"Consent is not needed: {' '.join(str(sync.consent.not_needed).split())}"
    if sync.holdout:
        drawn = f", of each `{sync.holdout.stratify_by}` alike," if sync.holdout.stratify_by else ""
        yield (
            f"A control group of {sync.holdout.share:.0%}{drawn} never gets anything "
            f"(experiment `{sync.holdout_salt}`, [lift](../lift.md))."
        )


def _metafield(field: MetafieldField, described: dict[str, str]) -> str:
    facts = [f"type `{field.type}`"]
    choices = field.validations.get("choices")
    if isinstance(choices, list):
        facts.append("one of " + ", ".join(f"`{choice}`" for choice in choices))
    facts += [f"{name} {field.validations[name]}" for name in ("min", "max") if name in field.validations]
    if field.filterable:
        facts.append("for filters in the admin, and for segments of customers")
    facts.append(_ABSENT[field.absent])
    if field.drifts:
        facts.append("moves a little all the time")
    computed = described.get(field.column, "")
    source = f" In the model, `{field.column}`: {' '.join(computed.split())}" if computed else ""
    return f"### `{field.namespace}.{field.key}`: {field.name}\n\n{field.description}{source}\n\n{'; '.join(facts)}.\n"


def _tags(tags: OwnedTags, described: dict[str, str]) -> str:
    rows = [
        f"| `{tag}` | `{column}` is `{value}` | " + described.get(column, "") + " |"
        for column, value, tag in tags.choices()
    ]
    head = "| tag | who has it | what that is |\n|---|---|---|\n"
    owned = f"Every tag that begins with `{tags.prefix}` belongs to this sync, and it touches no other.\n"
    return head + "\n".join(rows) + f"\n\nA tag goes when the value is another one. {owned}"


def _segments(sync: Sync) -> str:
    rows = [f"| {segment.name} | `{segment.query}` |" for segment in sync.wanted_segments]
    said = "Created once by `boomerang segments`; what is renamed, changed or removed in the admin stays so.\n\n"
    return said + "| name | query |\n|---|---|\n" + "\n".join(rows) + "\n"


def pages() -> dict[Path, str]:
    """Every page by where it lies."""
    return {PAGES / f"{name}.md": page(load_sync(name).sync, f"{name}.yml") for name in sync_names(SYNCS)}


def main() -> None:
    """Write the pages."""
    PAGES.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"Wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
