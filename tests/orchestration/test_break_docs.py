"""The page about breaks, made from their taxonomy."""

from orchestration import break_docs


def test_the_page_is_not_behind_the_taxonomy() -> None:
    assert break_docs.PAGE.read_text(encoding="utf-8") == break_docs.page(break_docs.rows()), "run `make docs`"


def test_every_code_has_a_query_or_a_reason_to_be_left_out() -> None:
    page = break_docs.page(break_docs.rows())
    told, left_out = page.split("## Left out")
    for row in break_docs.rows():
        part = told if row["is_implemented"] == "true" else left_out
        assert f"{row['code']} {row['title']}" in part
        assert row["is_implemented"] == "true" or row["note"]
    assert told.count("```sql") == sum(row["is_implemented"] == "true" for row in break_docs.rows())


def test_an_edit_of_a_window_reaches_the_page() -> None:
    rows = [row | {"window_minutes": "1440"} if row["code"] == "ORD-01" else row for row in break_docs.rows()]
    assert "Window 1 d" in break_docs.page(rows).split("### ORD-01")[1].split("###")[0]
