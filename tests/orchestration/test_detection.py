"""Truth and breaks beside each other."""

from orchestration.detection import compare


def row(code: str, key: str, state: str, shop: str = "us") -> dict[str, str]:
    return {"code": code, "title": f"Title of {code}", "shop": shop, "object_key": key, "state": state}


def test_what_is_missed_invented_or_called_wrong_is_told_by_code() -> None:
    truth = [
        row("ORD-01", "1", "open"),
        row("ORD-01", "2", "pending"),
        row("ORD-03", "3", "open"),
        row("FUL-01", "T1", "open"),
    ]
    breaks = [
        row("ORD-01", "1", "open"),
        row("ORD-01", "2", "open"),
        row("ORD-03", "4", "open"),
        row("FUL-01", "T1", "open"),
    ]
    by_code = {one.code: one for one in compare(truth, breaks)}
    assert by_code["FUL-01"].is_exact
    assert (by_code["ORD-01"].planted, by_code["ORD-01"].found) == (2, 1)
    assert by_code["ORD-01"].wrong_state == ["us 2: open, in truth pending"]
    assert by_code["ORD-03"].missed == ["us 3"]
    assert by_code["ORD-03"].false_alarms == ["us 4"]


def test_the_same_object_of_another_shop_is_another_break() -> None:
    (one,) = compare([row("REF-01", "SKU", "open", "us")], [row("REF-01", "SKU", "open", "eu")])
    assert (one.missed, one.false_alarms) == (["us SKU"], ["eu SKU"])
