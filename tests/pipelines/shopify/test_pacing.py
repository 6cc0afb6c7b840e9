import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.pacing import Bucket, Pacer, cost_key
from pipelines.shopify.replies import Cost, Throttle
from tests.pipelines.shopify.admin import QuickClock, shop
from tests.pipelines.shopify.leaky_bucket import LeakyBucket
from tests.pipelines.shopify.loopback import serving

DOCUMENT = "mutation { x }"


def used(bucket: LeakyBucket, seconds: float, callers: int) -> float:
    """Share of the refill that callers in a hurry use, once the first replies have told the limit."""

    async def caller(client: ShopifyClient) -> None:
        while True:
            await client.execute(DOCUMENT, operation="x")

    async def run() -> float:
        async with serving(bucket) as url, ShopifyClient(shop(url), max_in_flight=callers) as client:
            tasks = [asyncio.create_task(caller(client)) for _ in range(callers)]
            await asyncio.sleep(1.0)
            points, start = bucket.points, time.monotonic()
            await asyncio.sleep(seconds)
            share = (bucket.points - points) / (bucket.rate * (time.monotonic() - start))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return share

    return asyncio.run(run())


@pytest.mark.parametrize(("rate", "callers"), [(200.0, 16), (1000.0, 48)])
def test_nearly_all_points_are_used_and_hardly_a_call_is_throttled(rate: float, callers: int) -> None:
    bucket = LeakyBucket(rate)
    share = used(bucket, 3.0, callers)
    assert share >= 0.95
    assert bucket.throttled <= 0.02 * bucket.calls


def test_points_that_a_query_gives_back_are_used_again() -> None:
    # Requested 100, actual 20: without counting the refunds only a fifth of the limit would be used.
    bucket = LeakyBucket(500.0, requested=100.0, actual=20.0)
    assert used(bucket, 3.0, 24) >= 0.9
    assert bucket.throttled <= 0.02 * bucket.calls


def test_another_user_of_the_bucket_is_noticed() -> None:
    bucket = LeakyBucket(500.0, level=2_000.0)

    async def run() -> None:
        async with serving(bucket) as url, ShopifyClient(shop(url), max_in_flight=16) as client:
            await asyncio.gather(*(client.execute(DOCUMENT, operation="x") for _ in range(40)))
            bucket.drain(bucket.available())
            await asyncio.gather(*(client.execute(DOCUMENT, operation="x") for _ in range(60)))

    asyncio.run(run())
    assert bucket.calls - bucket.throttled == 100
    assert bucket.throttled <= 16  # at most those that were under way


def test_the_first_request_goes_alone_and_so_does_the_first_of_an_operation() -> None:
    async def run() -> None:
        pacer = Pacer(QuickClock())
        first = await pacer.reserve(cost_key("a", {}))
        second = asyncio.create_task(pacer.reserve(cost_key("a", {})))
        await asyncio.sleep(0.01)
        assert not second.done()
        pacer.settle(first, Cost(10, 10), Throttle(2000, 1990, 100))
        await asyncio.sleep(0.01)
        assert second.done()
        probe = await pacer.reserve(cost_key("b", {}))
        other = asyncio.create_task(pacer.reserve(cost_key("b", {})))
        await asyncio.sleep(0.01)
        assert not other.done()
        pacer.settle(probe, Cost(300, 30), Throttle(2000, 1900, 100))
        assert (await other).points == 300

    asyncio.run(run())


def test_callers_get_points_in_the_order_of_asking() -> None:
    async def run() -> list[int]:
        clock, order = QuickClock(), []
        pacer = Pacer(clock)
        pacer.settle(await pacer.reserve(cost_key("a", {})), Cost(50, 50), Throttle(100, 0, 10))

        async def ask(number: int) -> None:
            await pacer.reserve(cost_key("a", {}))
            order.append(number)

        await asyncio.gather(*(ask(number) for number in range(10)))
        return order

    assert asyncio.run(run()) == list(range(10))


def test_a_cost_depends_on_page_sizes_and_list_lengths_but_not_on_other_values() -> None:
    assert cost_key("q", {"ids": ["a", "b"], "first": 5}) == cost_key("q", {"ids": ["c", "d"], "first": 5})
    assert cost_key("q", {"ids": ["a"]}) != cost_key("q", {"ids": ["a", "b"]})
    assert cost_key("q", {"flag": True}) == cost_key("q", {"flag": False})


def test_a_request_dearer_than_the_bucket_waits_for_a_full_one_and_no_longer() -> None:
    bucket = Bucket(0.0)
    bucket.settle(bucket.take(cost_key("a", {}), 10, 0.0), Cost(10, 10), Throttle(1000, 0, 100), 0.0)
    assert bucket.wait(5_000, 0.0) == pytest.approx(10.0)
    assert bucket.wait(5_000, 10.0) == 0.0


requests = st.lists(
    st.tuples(
        st.floats(0.0, 0.1),  # pause before asking
        st.sampled_from([5.0, 10.0, 60.0]),  # requested
        st.floats(0.0, 1.0),  # share of it that is used up
        st.floats(0.01, 0.4),  # way there
        st.floats(0.01, 0.4),  # way back
    ),
    min_size=2,
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(requests, st.sampled_from([50.0, 400.0]), st.floats(0.0, 0.15))
def test_the_model_never_promises_points_that_the_server_lacks(
    asked: list[tuple[float, float, float, float, float]], rate: float, fill: float
) -> None:
    """Every request that the model lets go finds its points, whatever the delays and the order of arrival."""
    server = _Server(rate, rate * 20, fill * rate * 20)
    bucket, now = Bucket(0.0), 1.0
    probe = bucket.take(cost_key("p", {}), 0.0, now)
    bucket.settle(probe, Cost(0, 0), Throttle(server.maximum, server.at(now), rate), now)
    pending: list[tuple[float, int, str, object]] = []
    for number, (pause, requested, share, there, back) in enumerate(asked):
        now = server.play(bucket, pending, now + pause)
        while (wait := bucket.wait(requested, now)) > 0:
            now = server.play(bucket, pending, now + wait + 1e-6)
        reservation = bucket.take(cost_key("q", {}), requested, now)
        pending.append((now + there, number, "1 arrives", (requested, requested * share, back, reservation)))
    server.play(bucket, pending, now + 10)
    assert server.throttled == 0


class _Server:
    """Shopify's side, in simulated time; events are (time, number, kind, what)."""

    def __init__(self, rate: float, maximum: float, level: float) -> None:
        self.rate, self.maximum, self.level, self._at = rate, maximum, level, 1.0
        self.throttled = 0

    def at(self, now: float) -> float:
        self.level = min(self.maximum, self.level + (now - self._at) * self.rate)
        self._at = now
        return self.level

    def play(self, bucket: Bucket, pending: list[tuple[float, int, str, object]], until: float) -> float:
        while pending and min(pending)[0] <= until:
            event = min(pending)
            pending.remove(event)
            now, number, kind, what = event
            requested, actual, back, reservation = what  # type: ignore[misc]
            if kind == "1 arrives":
                if self.at(now) + 1e-6 < requested:
                    self.throttled += 1
                self.level -= requested
                pending.append((now + back / 2, number, "2 is done", what))
            elif kind == "2 is done":
                self.level = min(self.maximum, self.at(now) + requested - actual)
                status = Throttle(self.maximum, float(int(self.level)), self.rate)
                pending.append((now + back / 2, number, "3 is read", (requested, actual, status, reservation)))
            else:
                bucket.settle(reservation, Cost(requested, actual), back, now)
        return until
