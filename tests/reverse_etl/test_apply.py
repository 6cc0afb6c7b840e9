"""Plan and apply against the sandbox."""

from tests.reverse_etl.marketing import Marketing, gold


def test_customers_carry_what_the_model_wants_and_the_ledger_agrees(marketing: Marketing) -> None:
    first, second, third = marketing.customers()[:3]
    report = marketing.deliver({first: gold(), second: gold(tier="silver", p_alive="0"), third: {}})
    assert marketing.carried() == {
        first: {
            "vip_tier": "gold",
            "p_alive": "0.5",
            "expected_value_365d": '{"amount":"100.50","currency_code":"USD"}',
            "tags": {"boomerang:vip-gold"},
        },
        second: {
            "vip_tier": "silver",
            "p_alive": "0.0",
            "expected_value_365d": '{"amount":"100.50","currency_code":"USD"}',
            "tags": set(),
        },
    }
    assert (report.planned, report.acknowledged, report.rejected) == (7, 7, 0)
    assert len(marketing.acknowledged()) == 7
