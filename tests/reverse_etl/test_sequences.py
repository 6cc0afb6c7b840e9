"""Whatever happens in whichever order, write-back ends where it should.

The model changes, plans are made and applied in and out of turn, processes die, people edit by hand and are erased,
runs are taken back. Afterwards a verification that restores and one delivery suffice: Shopify equals the model in what
we own and is untouched elsewhere, the ledger says so, and nothing is left in doubt.
"""

import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from pipelines.failures import DeliveryError
from pipelines.privacy.person import Subject
from pipelines.privacy.redact import redact
from reverse_etl.delivery.clearing import clear_customer
from reverse_etl.undo import plan_undo
from reverse_etl.verify import verify_sync
from tests.reverse_etl.delivery.test_crashes import expected
from tests.reverse_etl.dying import DIED
from tests.reverse_etl.marketing import Customer, Marketing
from tests.reverse_etl.test_undo import REMOVE_TAGS, set_by_hand
from tests.reverse_etl.test_verify import ADD_TAGS, gid

PEOPLE = 5
person = st.integers(0, PEOPLE - 1)
tier = st.sampled_from(["platinum", "gold", "silver"])
alive = st.sampled_from(["0.25", "0.5", "0.9"])
models = st.dictionaries(person, st.tuples(tier, alive), max_size=PEOPLE)
points = st.sampled_from(["begun", "claimed", "sending", "sent", "recorded", "delivered", "ended"])
Step = tuple[Any, ...]
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("want"), models),
    st.tuples(st.just("plan")),
    st.tuples(st.just("apply")),
    st.tuples(st.just("die"), points, st.integers(1, 3)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("edit"), person, tier),
    st.tuples(st.just("untag"), person),
    st.tuples(st.just("tag"), person),
    st.tuples(st.just("redact"), person),
)
# What others have written on every customer, and nothing of ours may touch.
THEIRS = ("their_tag", "reviewed")


class Story:
    """One merchant's sequence of steps."""

    def __init__(self, marketing: Marketing) -> None:
        """Everybody begins with nothing of ours, and with a tag of somebody else."""
        self.marketing = marketing
        self.people = marketing.customers()[:PEOPLE]
        self.wanted: dict[int, Customer] = {}
        self.plans: list[str] = []
        self.erased: set[int] = set()
        for customer in self.people:
            marketing.sandbox.ask(ADD_TAGS, {"id": gid(customer), "tags": list(THEIRS)})

    def take(self, name: str, *given: Any) -> None:
        """Take one step; one that the platform refuses in words has happened, too."""
        with suppress(DeliveryError):
            getattr(self, name)(*given)

    def want(self, model: dict[int, tuple[str, str]]) -> None:
        self.wanted = {
            self.people[place]: {"vip_tier": tier, "p_alive": Decimal(alive)}
            for place, (tier, alive) in model.items()
            if self.people[place] not in self.erased
        }
        self.marketing.want(self.wanted)

    def plan(self) -> None:
        self.plans.append(self.marketing.plan().plan_id)

    def apply(self) -> None:
        if self.plans:
            self.marketing.apply(self.plans.pop(), allow_large_change=True)
        else:
            self.marketing.apply(self.marketing.plan(), allow_large_change=True)

    def die(self, point: str, nth: int) -> None:
        plan = self.marketing.plan()
        command = [sys.executable, "-m", "tests.reverse_etl.dying", str(self.marketing.folder), plan.plan_id, point]
        done = subprocess.run([*command, str(nth)], check=False, timeout=120, capture_output=True, text=True)
        assert done.returncode in (0, DIED), done.stderr
        event(f"died: {done.returncode == DIED}")

    def undo(self) -> None:
        runs = self.marketing.rows("select run_id from ops.delivery_runs order by started_at desc, run_id limit 1")
        for (run,) in runs:
            made = plan_undo(self.marketing.settings, run, folder=self.marketing.folder)
            self.marketing.apply(made.plan, allow_large_change=True)

    def redact(self, place: int) -> None:
        """They are gone from every table, the model's with them."""
        settings, customer = self.marketing.settings, self.people[place]
        redact(settings, Subject("us", customer), clear=lambda person: clear_customer(settings, person))
        self.erased.add(customer)
        self.marketing.want({number: values for number, values in self.wanted.items() if number != customer})
        self.wanted.pop(customer, None)

    def edit(self, place: int, tier: str) -> None:
        set_by_hand(self.marketing, self.people[place], "vip_tier", "single_line_text_field", tier)

    def untag(self, place: int) -> None:
        tags = ["boomerang:vip-gold", "boomerang:vip-platinum"]
        self.marketing.sandbox.ask(REMOVE_TAGS, {"id": gid(self.people[place]), "tags": tags})

    def tag(self, place: int) -> None:
        self.marketing.sandbox.ask(ADD_TAGS, {"id": gid(self.people[place]), "tags": ["boomerang:vip-gold"]})

    def end(self) -> None:
        """A verification that restores, and one delivery."""
        marketing = self.marketing
        verify_sync(marketing.settings, "customers", "us", folder=marketing.folder, restore=True)
        report = marketing.apply(marketing.plan(), allow_large_change=True)
        assert report.rejected == 0, report.rejections

    def assert_whole(self) -> None:
        """Both sides agree with the model, others' values stand, and nothing is in doubt."""
        marketing = self.marketing
        assert marketing.carried() == expected(self.wanted)
        acknowledged = {key: value for key, value in marketing.acknowledged().items() if not key[1].startswith("tag:")}
        assert acknowledged == {
            (number, f"metafield:boomerang.{key}"): value
            for number, values in expected(self.wanted).items()
            for key, value in values.items()
            if key != "tags"
        }
        state = marketing.sandbox.state()["customers"]
        assert all(set(THEIRS) <= set(state[str(customer)]["tags"]) for customer in self.people)
        assert marketing.rows("select * from ops.delivery_locks where run_id is not null") == []
        assert marketing.rows("select * from ops.delivery_claims where state = 'open'") == []
        assert marketing.plan().is_empty


# Not shrunk: a step takes a second, and the story that failed is printed.
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given=st.lists(steps, min_size=4, max_size=10))
def test_after_any_sequence_shopify_equals_the_model_and_the_ledger_agrees(
    marketing: Marketing, given: list[Step]
) -> None:
    marketing.sandbox.reset()
    with marketing.warehouse.session() as session:
        for table in session.columns("ops"):
            session.execute(f"delete from ops.{table} where true")
    marketing.want({})
    story = Story(marketing)
    for name, *rest in given:
        story.take(name, *rest)
    story.end()
    story.assert_whole()
