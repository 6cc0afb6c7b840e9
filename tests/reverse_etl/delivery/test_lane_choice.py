"""Which lane is expected to be faster: by measurements, and by written assumptions before there are any."""

from hypothesis import given
from hypothesis import strategies as st

from reverse_etl.delivery.lane_choice import Work, by_threshold, choose
from reverse_etl.ledger.costs import LaneCost

ROWS = st.integers(1, 50_000_000)
RATES = st.floats(1, 10_000)
SECONDS = st.floats(0, 100_000)
WORKS = st.builds(Work, ROWS, st.floats(1, 25), st.booleans())


def cost(lane: str, calls: int, rows: int, points: float, seconds: float) -> LaneCost:
    return LaneCost("us", "set", lane, calls, rows, points, seconds, 100.0)


CALLS, POINTS = st.integers(1, 10_000), st.floats(0, 1e6)
PACED = st.lists(st.builds(cost, st.just("paced"), CALLS, ROWS, POINTS, SECONDS), max_size=9)
BULK = st.lists(st.builds(cost, st.just("bulk"), CALLS, ROWS, st.just(0.0), SECONDS), max_size=9)


@given(WORKS, ROWS, RATES, PACED, BULK)
def test_more_rows_never_lead_from_bulk_to_paced(
    work: Work, more: int, rate: float, paced: list[LaneCost], bulk: list[LaneCost]
) -> None:
    larger = Work(work.rows + more, work.rows_per_call, work.reads_first)
    if choose(work, rate, paced, bulk).lane == "bulk":
        assert choose(larger, rate, paced, bulk).lane == "bulk"


@given(WORKS, RATES, RATES, PACED, BULK)
def test_a_higher_rate_never_leads_from_paced_to_bulk(
    work: Work, one: float, other: float, paced: list[LaneCost], bulk: list[LaneCost]
) -> None:
    low, high = sorted((one, other))
    if choose(work, low, paced, bulk).lane == "paced":
        assert choose(work, high, paced, bulk).lane == "paced"


@given(WORKS, RATES, PACED.filter(bool), BULK, st.floats(1, 100))
def test_dearer_calls_never_lead_from_bulk_to_paced(
    work: Work, rate: float, paced: list[LaneCost], bulk: list[LaneCost], factor: float
) -> None:
    # Runs that cost nothing tell nothing: then an assumption stands for them.
    paced = [cost("paced", one.calls, one.rows, one.points + 1, one.seconds) for one in paced]
    dearer = [cost("paced", one.calls, one.rows, one.points * factor, one.seconds) for one in paced]
    if choose(work, rate, paced, bulk).lane == "bulk":
        assert choose(work, rate, dearer, bulk).lane == "bulk"


@given(WORKS, RATES, PACED, st.integers(1, 10_000_000), SECONDS, st.floats(1, 100))
def test_a_slower_bulk_operation_never_leads_to_bulk(
    work: Work, rate: float, paced: list[LaneCost], rows: int, seconds: float, factor: float
) -> None:
    quick, slow = cost("bulk", 1, rows, 0, seconds), cost("bulk", 1, rows, 0, seconds * factor)
    if choose(work, rate, paced, [quick]).lane == "paced":
        assert choose(work, rate, paced, [slow]).lane == "paced"


@given(WORKS, RATES, PACED, BULK)
def test_the_reason_begins_with_the_lane_and_says_what_is_not_measured(
    work: Work, rate: float, paced: list[LaneCost], bulk: list[LaneCost]
) -> None:
    choice = choose(work, rate, paced, bulk)
    assert choice.reason.startswith(f"{choice.lane}: {work.rows:,} values ")
    assert ("s (not measured yet)" in choice.reason) == (not bulk)
    assert ("(cost not measured yet)" in choice.reason) == (not any(one.points for one in paced))


def test_the_reason_names_points_and_seconds_of_both() -> None:
    paced = [cost("paced", 48, 1_200, 480, 9)]
    bulk = [cost("bulk", 48, 1_200, 0, 95)]
    assert choose(Work(1_200, 25), 50, paced, bulk).reason == (
        "paced: 1,200 values cost about 480 points, 9.6 s at 50 points a second; bulk would take about 95 s"
    )
    assert choose(Work(120_000, 25), 50, paced, bulk).reason == (
        "bulk: 120,000 values take about 457 s; paced they would cost about 48,000 points, 960 s at 50 points a second"
    )


def test_what_calls_cost_is_learned_and_not_taken_for_ten_points() -> None:
    work, bulk = Work(100_000, 25), [cost("bulk", 4_000, 100_000, 0, 300)]
    assert choose(work, 100, [cost("paced", 100, 2_500, 1_000, 10)], bulk).lane == "bulk"
    assert choose(work, 100, [cost("paced", 100, 2_500, 500, 10)], bulk).lane == "paced"


def test_one_slow_run_among_the_last_moves_nothing() -> None:
    steady = [cost("bulk", 4_000, 100_000, 0, 300)] * 4
    slow = cost("bulk", 1, 9, 0, 1e5)
    for rows in (100, 100_000, 10_000_000):
        work = Work(rows, 25)
        assert choose(work, 100, [], [*steady, slow]) == choose(work, 100, [], steady)


def test_two_sizes_tell_the_fixed_seconds_from_those_of_a_row() -> None:
    runs = [cost("bulk", 40, 1_000, 0, 31), cost("bulk", 4_000, 100_000, 0, 130)]
    assert choose(Work(1_000_000, 25), 100, [], runs).reason.startswith("bulk: 1,000,000 values take about 1,030 s;")


def test_a_bulk_operation_that_deletes_pays_for_reading_the_shop_first() -> None:
    work = Work(20_000, 25), Work(20_000, 25, reads_first=True)
    found = [choose(one, 100, [cost("paced", 100, 2_500, 1_100, 10)], []) for one in work]
    assert [choice.lane for choice in found] == ["paced", "paced"]
    assert ["take about 100 s" in choice.reason for choice in found] == [True, False]
    assert "take about 160 s" in found[1].reason


def test_without_any_measurement_small_work_is_paced_and_a_million_values_of_the_smallest_plan_are_not() -> None:
    assert choose(Work(10, 25), None, [], []).lane == "paced"
    assert choose(Work(1_000_000, 25), None, [], []).lane == "bulk"
    assert choose(Work(1_000_000, 25), 1_000, [], []).lane == "paced"


def test_a_threshold_decides_by_itself() -> None:
    assert by_threshold(5, 5, "the sync file").reason == (
        "paced: 5 records are not more than bulk_threshold 5 of the sync file"
    )
    assert by_threshold(6, 5, "the settings").lane == "bulk"
