"""User errors: what was wrong with the input of a mutation that was otherwise understood."""

from __future__ import annotations

from typing import Any

UserError = dict[str, Any]


def user_error(field: list[str] | None, message: str, code: str | None = None, **more: Any) -> UserError:
    """Return one entry of `userErrors`."""
    return {"field": field, "message": message, "code": code, **more}
