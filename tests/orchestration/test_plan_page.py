"""The page of a plan: for a person who was not at the terminal."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.plan_page import CannotWritePage, write_page
from reverse_etl.plans.plan_diff import Move, PlanDiff, Share, ValueDiff
from reverse_etl.report import Plan, PlanSample, Rejection

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TIER = ValueDiff(
    "us", "metafield:boomerang.vip_tier", "VIP tier", gained=1, changed=2, lost=0, kept=1_204,
    moves=[Move("silver", "gold", 2), Move(None, "<b>gold</b>", 1)],
    shares=[Share("silver", 1_206, 1_204), Share("gold", 0, 3)],
)  # fmt: skip
PLAN = Plan(
    "customers-1", "customers", "customer", ["us"], "planned", NOW, rows=3, content_hash="0123456789abcdef",
    samples=[PlanSample("us", 7, "metafield:boomerang.vip_tier", "set", "silver", "gold")],
    guard_stops=["max_changed_share: 3 records of shop us would change"],
    rejections=[Rejection("us", "metafield:boomerang.note", "TOO_LONG", "is too long", 4, 9)],
)  # fmt: skip
MADE = PlanDiff(PLAN, {"us": 3}, [TIER])


def test_the_page_says_what_would_change_why_it_was_stopped_and_how_to_go_on(tmp_path: Path) -> None:
    text = write_page(tmp_path / "new" / "plan.html", MADE, NOW).read_text(encoding="utf-8")
    for said in (
        "3 values of 3 customers to change", "Stopped by guard max_changed_share: 3 records",
        "4 rows, for example customer 9",
        "silver -&gt; gold 2", "1,206 → 1,204", "boomerang apply customers-1 --allow-large-change", "Hash 0123456789ab",
    ):  # fmt: skip
        assert said in text
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["plan.html"]


def test_a_value_is_text_on_the_page_whatever_it_contains(tmp_path: Path) -> None:
    text = write_page(tmp_path / "plan.html", MADE, NOW).read_text(encoding="utf-8")
    assert "<b>gold</b>" not in text
    assert "&lt;b&gt;gold&lt;/b&gt;" in text


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    text = write_page(tmp_path / "plan.html", MADE, NOW).read_text(encoding="utf-8")
    assert [word for word in ("http:", "https:", "<script", "src=", "@import") if word in text] == []


def test_an_empty_plan_is_a_page_too(tmp_path: Path) -> None:
    made = PlanDiff(replace(PLAN, rows=0, samples=[], guard_stops=[]), {}, [])
    assert "already carries" in write_page(tmp_path / "plan.html", made, NOW).read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "plan.html").mkdir()
    with pytest.raises(CannotWritePage, match=r"The page .*plan\.html cannot be written: Is a directory"):
        write_page(tmp_path / "plan.html", MADE, NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["plan.html"]
