"""Access tokens by client credentials: made, looked up, expired."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

from sandbox.graph.session import App


@dataclass(frozen=True)
class Token:
    """What a token opens, and until when (monotonic seconds)."""

    shop: str
    app: App
    expires: float


class Tokens:
    """Tokens by their text."""

    def __init__(self) -> None:
        """Start with none."""
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()

    def issue(self, shop: str, app: App, seconds: int) -> str:
        """Return a new token for an app on a shop."""
        text = f"shpat_{secrets.token_hex(16)}"
        with self._lock:
            self._tokens[text] = Token(shop, app, time.monotonic() + seconds)
        return text

    def find(self, text: str, shop: str) -> Token | None:
        """Return a token that is good for this shop now."""
        token = self._tokens.get(text)
        return token if token and token.shop == shop and time.monotonic() < token.expires else None

    def forget(self, text: str) -> None:
        """Make a token worthless."""
        with self._lock:
            self._tokens.pop(text, None)
