"""The back office as a whole: brings its parts up to date with the shops' documents."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from sandbox.backoffice.planter import Planter
from sandbox.backoffice.reading import Reader
from sandbox.backoffice.records import Records
from sandbox.backoffice.stock import Stock
from sandbox.backoffice.storefront import Storefront
from sandbox.backoffice.story import Story
from sandbox.store import Store
from sandbox.world.building import no_garbage_collection
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch, iso


class Part(Protocol):
    """A system behind the shops. Its records are those that exist at `now`; later ones come with a later update."""

    def order(self, story: Story, plant: str | None, now: int) -> int | None:
        """Write what the system knows of an order at `now`, replacing what it knew; return when it knows more.

        Tells the truth of the plant when the plant is this part's. Test orders come too.
        """

    def finish(self, now: int) -> None:
        """Write what is not about one order: stock, masters, payouts. Called once after the orders."""


class BackOffice:
    """Records of all parts in one file; `parts` are made from it in this order."""

    def __init__(self, store: Store, path: Path, seed: int, rates: dict[str, float], parts: list[PartMaker]) -> None:
        """Open the file, or create it; `update` fills it."""
        self.store = store
        self.seed = seed
        self.records = Records(path)
        self._rates = rates
        self._makers = parts
        self.reopen()

    def reopen(self) -> None:
        """Read everything again from the file: after it was put back, what is remembered of it is wrong."""
        self.reader = Reader(self.store, self.seed)
        self.planter = Planter(self.records, self.seed, self._rates)
        self.storefront = Storefront(self.store, self.records, self.planter)
        self.stock = Stock(self.store, self.records, self.seed)
        self.planter.suffices = self.stock.suffices
        self.parts: list[Part] = [make(self) for make in self._makers]

    def rebuild(self) -> None:
        """Forget everything and build it again from the world as it is."""
        self.records.empty()
        self.reopen()
        self.update()

    def update(self) -> None:
        """Catch up with the world: orders that changed, and those of which a part knows more by now."""
        now = epoch(str(self.store.get_meta("now")))
        last = self.records.value("updated_to")
        if last is not None:
            self.storefront.run()
        with no_garbage_collection(), self.records.transaction() as connection:
            for story in self._first() if last is None else self._changed(int(last), now):
                plant = self.planter.plant_of(story)
                self.stock.moved(story)
                if plant == "PAY-10":
                    self.storefront.tell(story)
                dues = [part.order(story, plant, now) for part in self.parts]
                due = min((at for at in dues if at is not None), default=None)
                connection.execute(
                    "DELETE FROM bo_due WHERE domain = ? AND order_id = ?", (story.domain, story.order_id)
                )
                if due is not None:
                    connection.execute("INSERT INTO bo_due VALUES (?, ?, ?)", (story.domain, story.order_id, due))
            self.stock.update(now)
            for part in self.parts:
                part.finish(now)
            self.records.keep("updated_to", now)

    def _first(self) -> Iterator[Story]:
        """The whole history, read once: what is broken is chosen among all of it before any record is written."""
        stories = deque(self._all())
        self.planter.start(stories)
        changed = self.storefront.run()
        while stories:
            story = stories.popleft()
            again = self.reader.get(story.domain, story.order_id) if story.order_id in changed else None
            yield again or story

    def _all(self) -> Iterator[Story]:
        for shop in SHOPS:
            yield from self.reader.stories(shop.domain)

    def _changed(self, last: int, now: int) -> Iterator[Story]:
        for shop in SHOPS:
            seen = set()
            for story in self.reader.stories(shop.domain, iso(last)):
                seen.add(story.order_id)
                yield story
            due = self.records.rows("SELECT order_id FROM bo_due WHERE domain = ? AND at <= ?", shop.domain, now)
            for (order_id,) in due:
                story_due = self.reader.get(shop.domain, order_id) if order_id not in seen else None
                if story_due is not None:
                    yield story_due

    def truth(self, now: int) -> list[dict[str, Any]]:
        """Return what is broken, pending or explained at an instant, and who knows why."""
        return self.planter.truth(now)

    def close(self) -> None:
        """Close the file."""
        self.records.close()


PartMaker = Callable[[BackOffice], Part]
