"""Conditions of a sync (consent, approval, canary, guards) and how mistakes in them read."""

from pathlib import Path

import pytest

from reverse_etl.failures import SyncFileError
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import load_sync
from tests.reverse_etl.marketing import SYNC

CONDITIONS = """
shops: [us, eu]
purpose: marketing
consent: {column: accepts_marketing}
approval: {required: true, max_age_hours: 24}
canary: {share: 0.05, salt: autumn, wait_minutes: 60, needs_go: true}
holdout: {share: 0.1, stratify_by: churn_band, salt: spring}
guard: {max_created_share: 2, max_created: 10, max_changed: 20, max_removed: 3}
"""


def load(folder: Path, text: str) -> Sync:
    (folder / "customers.yml").write_text(text, encoding="utf-8")
    return load_sync("customers", folder).sync


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SyncFileError) as failure:
        load(folder, text)
    return str(failure.value)


def test_a_file_that_says_nothing_of_conditions_has_none(tmp_path: Path) -> None:
    sync = load(tmp_path, SYNC)
    assert (sync.consent, sync.canary, sync.holdout, sync.shops) == (None,) * 4
    assert not sync.approval.required
    limits = sync.guard
    assert (limits.max_changed_share, limits.max_removed_share, limits.max_audience_change) == (0.3, 0.05, 0.5)
    assert (limits.max_created_share, limits.max_created, limits.max_changed, limits.max_removed) == (None,) * 4


def test_every_condition_is_read(tmp_path: Path) -> None:
    sync = load(tmp_path, SYNC + CONDITIONS)
    assert sync.consent is not None
    assert sync.canary is not None
    assert sync.holdout is not None
    assert (sync.purpose, sync.consent.column) == ("marketing", "accepts_marketing")
    assert (sync.approval.required, sync.approval.max_age_hours) == (True, 24)
    assert (sync.canary.share, sync.canary.salt, sync.canary.wait_minutes, sync.canary.needs_go) == (
        0.05,
        "autumn",
        60,
        True,
    )
    assert (sync.holdout.share, sync.holdout.stratify_by, sync.holdout_salt) == (0.1, "churn_band", "spring")
    assert (sync.guard.max_created_share, sync.guard.max_removed) == (2, 3)


def test_columns_that_decide_are_read_and_not_written(tmp_path: Path) -> None:
    sync = load(tmp_path, SYNC + CONDITIONS)
    assert "accepts_marketing" in sync.read_columns
    assert "churn_band" in sync.read_columns
    assert not {"accepts_marketing", "churn_band"} & set(sync.written_columns)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("consent: {column: accepts_marketing}\n", "", "marketing to customers needs consent"),
        ("{column: accepts_marketing}", "{}", "field consent: give either column"),
        ("{column: accepts_marketing}", "{not_needed: no}", "field consent.not_needed"),
        ("max_age_hours: 24", "max_age_hours: 0", "field approval.max_age_hours"),
        ("max_age_hours: 24", "max_age: 24", "line 21, field approval.max_age: this field is not known"),
        ("share: 0.1, str", "share: 10, str", "line 23, field holdout.share: Input should be less than 1"),
        ("stratify_by: churn_band", "stratify: churn_band", "line 23, field holdout.stratify: this field is not known"),
        ("share: 0.05, salt: autumn,", "share: 0.05,", "field canary: share and salt belong together"),
        ("share: 0.05, salt: autumn,", "", "field canary: give either share (with its salt) or shop"),
        ("share: 0.05, salt: autumn,", "shop: asia,", "canary.shop 'asia' is not one of the shops of this sync"),
        ("max_created: 10", "max_created: -1", "field guard.max_created"),
        ("purpose: marketing", "purpose: fun", "field purpose: Input should be 'marketing', 'service' or 'operations'"),
        ("shops: [us, eu]", "shops: []", "field shops"),
    ],
)
def test_a_wrong_condition_is_refused_in_a_sentence(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in CONDITIONS
    assert said in refusal(tmp_path, SYNC + CONDITIONS.replace(before, after))


@pytest.mark.parametrize("condition", ["consent: {column: accepts_marketing}\n", "holdout: {share: 0.1}\n"])
def test_people_alone_have_consent_and_control_groups(tmp_path: Path, condition: str) -> None:
    of_orders = SYNC.replace("object: customer", "object: order").replace("key: customer_id", "key: order_id")
    assert "remove it from this sync of orders" in refusal(tmp_path, of_orders + condition)


def test_a_reason_is_enough_where_no_consent_is_needed(tmp_path: Path) -> None:
    text = SYNC + "purpose: marketing\nconsent: {not_needed: Staff read it and nobody is mailed.}\n"
    assert load(tmp_path, text).consent is not None
