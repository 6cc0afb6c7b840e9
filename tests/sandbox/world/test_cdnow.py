"""The CDNOW history as orders: nothing lost, nothing changed."""

from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.store import Store
from sandbox.world import World
from sandbox.world.cdnow import Purchase, build_cdnow, dataset_path, read_purchases
from tests.sandbox.world.conftest import EU, US
from tests.sandbox.world.identities import cents, check_order

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("cdnow") / "sample.sqlite")
    build_cdnow(store, sample=True)
    yield store
    store.close()


def local_day(order: dict) -> date:
    return datetime.fromisoformat(order["processedAt"]).astimezone(NEW_YORK).date()


def test_the_files_have_the_published_size():
    master = read_purchases(dataset_path(sample=False))
    assert len(master) == 69_659
    assert len({row.customer for row in master}) == 23_570
    assert len({row.customer for row in read_purchases(dataset_path(sample=True))}) == 2_357


def test_each_purchase_is_one_order_on_its_day_with_its_amount(sample):
    rows = read_purchases(dataset_path(sample=True))
    expected = sorted((row.day, row.discs, row.cents) for row in rows)
    epoch = date(1970, 1, 1)
    found = []
    for order in sample.scan(US, "Order"):
        (line,) = order["lineItems"]
        found.append(((local_day(order) - epoch).days, line["quantity"], cents(order["totalPriceSet"])))
        assert line["title"] == "CD"
        assert order["createdAt"] == order["processedAt"]
        assert 9 <= datetime.fromisoformat(order["processedAt"]).astimezone(NEW_YORK).hour < 18
        check_order(order)
    assert sorted(found) == expected
    assert sample.get_meta("now") == "1998-07-01T06:00:00Z"


def test_the_published_counts_of_the_first_39_weeks_come_out(sample):
    days = defaultdict(set)
    for order in sample.scan(US, "Order"):
        days[order["customer"]["id"]].add(local_day(order))
    assert len(days) == sample.count(US, "Customer") == 2_357
    repeats = [len([day for day in bought if day <= date(1997, 9, 30)]) - 1 for bought in days.values()]
    assert sum(repeats) == 2_457
    assert repeats.count(0) == 1_411


def test_customers_of_the_history_are_whole(sample):
    customer = next(sample.scan(US, "Customer"))
    assert customer["statistics"]["rfmGroup"]
    assert int(customer["numberOfOrders"]) == sample.count(US, "Order", owner=customer["id"])
    assert next(sample.scan(EU, "Shop"))["currencyCode"] == "EUR"
    assert sample.count(EU, "Order") == 0


def test_purchases_of_one_day_stay_apart_and_in_order(tmp_path: Path):
    store = Store(tmp_path / "few.sqlite")
    rows = [Purchase(2, 9873, 1, 1200), Purchase(2, 9873, 5, 7701), Purchase(3, 9874, 1, 0)]
    assert build_cdnow(store, rows) == 3
    orders = list(store.scan(US, "Order"))
    assert [cents(order["totalPriceSet"]) for order in orders] == [1200, 7701, 0]
    assert orders[0]["processedAt"] < orders[1]["processedAt"]
    assert (orders[2]["displayFinancialStatus"], orders[2]["transactions"]) == ("PAID", [])
    store.close()


def test_only_the_clock_of_a_real_history_moves(tmp_path: Path):
    store = Store(tmp_path / "few.sqlite")
    build_cdnow(store, [Purchase(1, 9873, 1, 1200)])
    assert World(store).advance(days=1)["to"] == "1998-07-02T06:00:00Z"
    assert store.count(US, "Order") == 1
    store.close()


def test_a_line_of_another_shape_is_named(tmp_path: Path):
    path = tmp_path / "broken.txt"
    path.write_text(" 00001 19970101 1\n", encoding="ascii")
    with pytest.raises(ValueError, match="line 1"):
        read_purchases(path)
