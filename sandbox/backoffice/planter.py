"""Decides what is broken, once and for all by seed, and keeps the truth about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.backoffice.lags import DAY, MINUTE, Lots, chance
from sandbox.backoffice.plants import PLANTS, Plant
from sandbox.backoffice.records import Records
from sandbox.backoffice.story import Story
from sandbox.world.times import iso

# What is planted in a history at least, where there is anything that it fits.
LEAST = 2


class Planter:
    """Plants by code at a rate: `rates` maps codes to shares of what they fit; a code that is missing is not planted.

    A story carries one plant at most. What was decided stays decided, also over a restart.
    """

    def __init__(self, records: Records, seed: int, rates: dict[str, float]) -> None:
        """Go on with what was decided in this file; raises ValueError for a code that does not exist."""
        unknown = sorted(set(rates) - set(PLANTS))
        if unknown:
            raise ValueError(f"no such plant: {', '.join(unknown)}; there are {', '.join(sorted(PLANTS))}")
        self._records = records
        self._seed = seed
        self._rates = rates
        self._lots = Lots(seed)
        # Whether what an order sells lies there: asked of plants that take goods.
        self.suffices: Callable[[Story], bool] = lambda story: True
        rows = records.rows("SELECT subject, key, code FROM bo_plants")
        self._chosen: dict[tuple[str, str], str] = {(subject, key): code for subject, key, code in rows}

    def rate(self, code: str) -> float:
        """Return the rate of a code; 0 when it is not planted."""
        return self._rates.get(code, 0.0)

    def wants(self, code: str) -> bool:
        """Whether a code is planted at all."""
        return code in self._rates

    def start(self, stories: Iterable[Story]) -> None:
        """Choose among a whole history, the rarest codes first, so that each finds its share and at least a few."""
        fitting: dict[str, list[tuple[float, str]]] = {code: [] for code in self._orders()}
        for story in stories:
            if story.is_test:
                continue
            for code in fitting:
                if self._fits(code, story):
                    fitting[code].append((self._lots.draw(code, story.order_id), str(story.order_id)))
        for code in sorted(fitting, key=lambda name: len(fitting[name])):
            self._choose(PLANTS[code], fitting[code])

    def _orders(self) -> list[str]:
        return [code for code in self._rates if PLANTS[code].subject == "order"]

    def _choose(self, plant: Plant, candidates: list[tuple[float, str]]) -> list[str]:
        wanted = max(LEAST, round(self._rates[plant.code] * len(candidates)))
        keys = []
        for _, key in sorted(candidates):
            if len(keys) >= wanted:
                break
            if (plant.subject, key) not in self._chosen:
                self._decide(plant.subject, key, plant.code)
                keys.append(key)
        return keys

    def _decide(self, subject: str, key: str, code: str) -> None:
        self._chosen[subject, key] = code
        with self._records.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO bo_plants VALUES (?, ?, ?)", (subject, key, code))

    def plant_of(self, story: Story) -> str | None:
        """Return the code that a story carries; a new or changed one may get its plant now."""
        key = str(story.order_id)
        code = self._chosen.get(("order", key))
        if code is not None or story.is_test:
            return code
        for code in self._orders():
            # What the shop shows is broken once, before anybody read it.
            if PLANTS[code].side != "shopify" and self._drawn(code, story) and self._fits(code, story):
                self._decide("order", key, code)
                return code
        return None

    def _fits(self, code: str, story: Story) -> bool:
        plant = PLANTS[code]
        return plant.fits is not None and plant.fits(story) and (not plant.takes or self.suffices(story))

    def _drawn(self, code: str, story: Story) -> bool:
        return self._lots.draw(code, story.order_id) < self._rates[code]

    def pick(self, code: str, keys: Iterable[object], least: int = LEAST) -> set[str]:
        """Choose among objects other than stories, each at most once over all codes of the same subject.

        What was chosen before stays; new keys are drawn at the rate. `least`: so many are chosen on the first call.
        """
        if code not in self._rates:
            return set()
        plant, names = PLANTS[code], [str(key) for key in keys]
        before = {key for (subject, key), chosen in self._chosen.items() if subject == plant.subject and chosen == code}
        asked = f"asked:{code}"
        seen = {key for (key,) in self._records.rows("SELECT key FROM bo_seen WHERE code = ?", code)}
        new = [name for name in names if name not in seen]
        drawn = sorted((chance(self._seed, code, name), name) for name in new)
        free = [(draw, name) for draw, name in drawn if (plant.subject, name) not in self._chosen]
        if self._records.value(asked) is None and names:
            self._records.keep(asked, "yes")
            wanted = max(least, round(self._rates[code] * len(names)))
        else:
            # What was passed over once stays whole: its records are out already.
            wanted = sum(draw < self._rates[code] for draw, _ in free)
        for _, name in free[:wanted]:
            self._decide(plant.subject, name, code)
            before.add(name)
        with self._records.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO bo_seen VALUES (?, ?)", [(code, name) for name in new])
        return before & set(names)

    def planted(self, subject: str, code: str) -> set[str]:
        """Return the keys of a subject that carry a code."""
        return {key for (kind, key), chosen in self._chosen.items() if kind == subject and chosen == code}

    def tell(
        self, code: str, shop: str, object_key: object, since: int, source: str, *, object_type: str | None = None,
        state: str | None = None, minutes: int | None = None, **details: Any,
    ) -> None:  # fmt: skip
        """Write the truth about one break.

        `since` is the instant at which the disagreement could first be seen; the code's window (or `minutes`) decides
        until when it is pending, unless `state` says otherwise ("explained"). `source` names what told it (such as
        "erp:order:5410"), and `forget(source)` takes it back when that is told anew.
        """
        plant = PLANTS.get(code)
        window = minutes if minutes is not None else plant.minutes if plant else 0
        kind = object_type or (plant.object_type if plant else "order")
        with self._records.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO bo_truth VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (source, code, shop, kind, str(object_key), state, since, since + window * MINUTE, json.dumps(details)),
            )

    def forget(self, source: str) -> None:
        """Take back what a source told."""
        with self._records.transaction() as connection:
            connection.execute("DELETE FROM bo_truth WHERE source = ?", (source,))

    def truth(self, now: int) -> list[dict[str, Any]]:
        """Return all that is broken, pending or explained at an instant."""
        rows = self._records.rows(
            "SELECT code, shop, object_type, object_key, state, since, due, details FROM bo_truth"
            " WHERE since <= ? ORDER BY code, shop, object_type, object_key",
            now,
        )
        return [
            {
                "code": code,
                "shop": shop,
                "object_type": kind,
                "object_key": key,
                "state": state or _state(code, since, due, now),
                "since": iso(since),
                "due_at": iso(due),
                "details": json.loads(details),
            }
            for code, shop, kind, key, state, since, due, details in rows
        ]


def _state(code: str, since: int, due: int, now: int) -> str:
    """Pending until the window is over, explained while only days off are in between, then open.

    Nobody here has holidays.
    """
    if due > now:
        return "pending"
    plant = PLANTS.get(code)
    if plant is None or not plant.working:
        return "open"
    return "explained" if _working_due(since, due - since) > now else "open"


def _working_due(since: int, window: int) -> int:
    """When a window is over that counts working days; what begins on a weekend begins on the Monday after it."""
    begun = day = (since + window % DAY) // DAY
    left = window // DAY
    # 1970-01-01 was a Thursday.
    while left or (day + 3) % 7 >= 5:
        left -= (day + 3) % 7 < 5
        day += 1
    return since + window + (day - begun - window // DAY) * DAY
