"""What is wanted behind the shops, as the command line says it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.backoffice.plants import DEFAULT_RATES, PLANTS

# Raise it when the same world gets other records: what an older sandbox left in a folder is then made anew.
FORMAT = 3


@dataclass(frozen=True)
class Asked:
    """What is wanted behind the shops: shares of plants by code, and the seed of all that is drawn there."""

    rates: dict[str, float] = field(default_factory=dict)
    seed: int = 1

    def name(self) -> str:
        """Return a text that is the same for the same content."""
        text = json.dumps([FORMAT, self.rates, self.seed], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]


def read_rates(text: str) -> dict[str, float]:
    """Return the rates of `--plant`: "default", "none", or a TOML file of codes; raises ValueError."""
    if text in ("default", "none"):
        return dict(DEFAULT_RATES) if text == "default" else {}
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"no such file of plants: {path}; say default, none, or a TOML file such as 'ORD-01' = 0.002")
    rates = {str(code): float(rate) for code, rate in tomllib.loads(path.read_text()).items()}
    unknown = sorted(set(rates) - set(PLANTS))
    if unknown:
        raise ValueError(f"no such plant in {path}: {', '.join(unknown)}; there are {', '.join(sorted(PLANTS))}")
    return rates
