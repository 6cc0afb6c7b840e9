"""How well reconciliation finds what is broken: the sandbox's truth beside the breaks of the warehouse, code by code.

Only a world that was made can know the truth. Nothing here reaches the pipelines or the models.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.config import Settings
from pipelines.warehouse import Warehouse

# A break, as the truth and the models both name it.
Key = tuple[str, str, str]
BREAKS = "marts.fct_breaks"


@dataclass
class Detection:
    """One code. `planted` of them are there, `found` of those are known in the right state.

    `missed` and `false_alarms` name objects; `wrong_state` those that were found and are called open where the truth
    says pending or explained, or the other way round.
    """

    code: str
    title: str
    planted: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    wrong_state: list[str] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        """Whether all of it was found and nothing else."""
        return not (self.missed or self.false_alarms or self.wrong_state)


def detect(settings: Settings, truth: Iterable[Mapping[str, Any]]) -> list[Detection]:
    """Hold the breaks of the warehouse against the truth as of its latest extraction, by code.

    Breaks that are resolved are left out: the truth tells what is broken, not what was.
    """
    with Warehouse(settings).session() as session:
        rows = session.dicts(
            f"select code, title, shop, object_key, state, explained_by from {BREAKS} where state <> 'resolved'"
        )
    return compare(list(truth), rows)


def compare(truth: Sequence[Mapping[str, Any]], breaks: Sequence[Mapping[str, Any]]) -> list[Detection]:
    """The two lists against each other, codes in alphabetical order."""
    real = {_key(row): str(row["state"]) for row in truth}
    known = {_key(row): str(row["state"]) for row in breaks}
    titles: dict[str, str] = defaultdict(str)
    titles.update({row["code"]: row["title"] for row in breaks})
    found = {code: Detection(code, titles[code]) for code in sorted({key[0] for key in (*real, *known)})}
    for key, state in real.items():
        one, name = found[key[0]], f"{key[1]} {key[2]}"
        one.planted += 1
        if key not in known:
            one.missed.append(name)
        elif known[key] != state:
            one.wrong_state.append(f"{name}: {known[key]}, in truth {state}")
        else:
            one.found += 1
    for key in known:
        if key not in real:
            found[key[0]].false_alarms.append(f"{key[1]} {key[2]}")
    return list(found.values())


def _key(row: Mapping[str, Any]) -> Key:
    return str(row["code"]), str(row["shop"]), str(row["object_key"])
