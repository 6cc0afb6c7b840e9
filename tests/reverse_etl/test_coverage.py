"""What was never acknowledged is counted without asking the plan."""

from reverse_etl.coverage import values_never_acknowledged
from reverse_etl.sync_format.sync_yaml import load_sync
from tests.reverse_etl.marketing import Marketing, gold


def never_acknowledged(marketing: Marketing) -> int:
    return values_never_acknowledged(marketing.settings, load_sync("customers", marketing.folder).sync)


def test_every_wanted_metafield_counts_until_shopify_has_acknowledged_it(marketing: Marketing) -> None:
    first, second, *_ = marketing.customers()
    wanted = {first: gold(), second: {**gold(), "p_alive": None}}
    marketing.want(wanted)
    assert never_acknowledged(marketing) == 5
    marketing.deliver(wanted)
    assert never_acknowledged(marketing) == 0


def test_an_acknowledgement_in_one_shop_is_none_in_another(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.deliver({customer: gold()})
    marketing.want({customer: gold()}, "eu")
    assert never_acknowledged(marketing) == 3
