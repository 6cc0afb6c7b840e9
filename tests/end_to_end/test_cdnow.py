"""Real purchases through the whole platform give the published estimates: the proof of the numbers, end to end.

The CDNOW sample (2,357 customers who first bought in the first quarter of 1997) is served by the sandbox, extracted in
bulk, checked by the contract, modelled by dbt and fitted at the end of week 39. Figures: Fader, Hardie and Lee (2005),
"Counting your customers the easy way"; Fader and Hardie, "The Gamma-Gamma model of monetary value" (2013).
"""

from pathlib import Path

import pytest

from tests.end_to_end.cycle import merchant

END_OF_WEEK_39 = "1997-09-30"
BG_NBD = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}
GAMMA_GAMMA = {"p": 6.249, "q": 3.745, "v": 15.448}


def test_cdnow_sample_comes_out_with_the_published_parameters(tmp_path: Path) -> None:
    with merchant(tmp_path, "--history", "cdnow-sample", "--plan", "enterprise") as one:
        one.run_well("refresh")
        one.run_well("score", "--as-of", END_OF_WEEK_39)
        days = one.query(
            "with known as (select customer_id, count(*) as days from intermediate.int_customers__purchase_days "
            f"where purchase_date <= date '{END_OF_WEEK_39}' group by customer_id) "
            "select count(*), sum(days - 1), count(*) filter (where days = 1) from known"
        )
        assert days == [(2_357, 2_457, 1_411)]
        fits = one.query(
            "select model, status, r, alpha, a, b, p, q, v, log_likelihood from scores.model_fits where shop = 'us'"
        )
        empty = one.query("select distinct status, r, p from scores.model_fits where shop = 'eu'")
    found = {
        model: dict(zip(("r", "alpha", "a", "b", "p", "q", "v", "ll"), numbers, strict=True))
        for model, _, *numbers in fits
    }
    assert {status for _, status, *_ in fits} == {"fitted"}
    assert empty == [("too_little_data", None, None)]  # the other shop sold nothing, and nothing is invented for it
    for name, published in BG_NBD.items():
        assert found["bg_nbd"][name] == pytest.approx(published, rel=1e-4), name  # four significant digits
    assert found["bg_nbd"]["ll"] == pytest.approx(-9582.43, abs=0.005)
    for name, published in GAMMA_GAMMA.items():
        assert found["gamma_gamma"][name] == pytest.approx(published, abs=5e-4), name  # printed with three decimals
