import re

import pytest

from bench.peers.environments import NAMES, PINS


@pytest.mark.parametrize("name", NAMES)
def test_every_package_of_an_environment_has_one_exact_version(name: str) -> None:
    lines = (PINS / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    pins = [line for line in lines if line]
    assert pins
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[A-Za-z0-9.+!]+( ; .+)?", pin) for pin in pins)


def test_the_peers_are_the_versions_that_the_figures_are_about() -> None:
    held = {pin for name in NAMES for pin in (PINS / f"{name}.txt").read_text(encoding="utf-8").split("\n")}
    assert {
        "tap-shopify==3.13.0",
        "target-duckdb==0.8.0",
        "duckdb==1.1.3",
        "airbyte-source-shopify==4.3.0",
        "airbyte==0.71.3",
        "dlt==1.31.0",
    } <= held
