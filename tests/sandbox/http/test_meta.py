"""The sandbox's own switches: reset, advance, state; and the command that starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.sandbox_fixture import SMALL, US, SandboxClient

ADD = 'mutation T($id: ID!) { tagsAdd(id: $id, tags: ["marked"]) { node { id } userErrors { message } } }'


def marked(sandbox: SandboxClient) -> list[str]:
    return [number for number, person in sandbox.state()["customers"].items() if "marked" in person["tags"]]


def test_reset_puts_the_world_back(sandbox: SandboxClient) -> None:
    before = sandbox.state()
    gid = sandbox.ask("{ customers(first: 1) { nodes { id } } }")["customers"]["nodes"][0]["id"]
    sandbox.ask(ADD, {"id": gid})
    sandbox.faults({"kind": "internal_error"})
    assert marked(sandbox)
    sandbox.reset()
    assert sandbox.state() == before
    assert sandbox.get_meta("faults") == []
    assert sandbox.log() == []


def test_advance_moves_the_clock_and_brings_new_orders(sandbox: SandboxClient) -> None:
    before = sandbox.get_meta("health")["now"]
    orders = sandbox.state()["counts"]["Order"]
    sandbox.advance(days=20)
    assert sandbox.get_meta("health")["now"] > before
    assert sandbox.state()["counts"]["Order"] > orders
    query = f"{{ orders(first: 5, query: \"updated_at:>='{before}'\") {{ nodes {{ id updatedAt }} }} }}"
    nodes = sandbox.ask(query)["orders"]["nodes"]
    assert nodes
    assert all(node["updatedAt"] >= before for node in nodes)


def test_a_true_lift_is_told_and_remembered_until_the_reset(sandbox: SandboxClient) -> None:
    assert sandbox.get_meta("lift")["share"] == 0
    told = {"metafield": "boomerang.vip_tier", "share": 0.2}
    assert sandbox.http.post("/__meta/lift", json=told).json() == told
    wrong = sandbox.http.post("/__meta/lift", json={"metafield": "vip", "share": 2})
    assert (wrong.status_code, "name a metafield and a share" in wrong.json()["error"]) == (400, True)
    assert sandbox.get_meta("lift") == told
    sandbox.reset()
    assert sandbox.get_meta("lift")["share"] == 0


def test_two_sandboxes_of_one_seed_advance_alike(sandbox: SandboxClient) -> None:
    sandbox.advance(days=3)
    first = sandbox.ask(
        "{ orders(first: 9, sortKey: CREATED_AT, reverse: true) { nodes { id createdAt totalPrice } } }"
    )
    sandbox.reset()
    sandbox.advance(days=1)
    sandbox.advance(days=2)
    assert (
        sandbox.ask("{ orders(first: 9, sortKey: CREATED_AT, reverse: true) { nodes { id createdAt totalPrice } } }")
        == first
    )


def test_the_command_prints_its_origin_serves_and_ends_on_a_signal(sandbox_world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for file in sandbox_world.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    command = [
        sys.executable, "-m", "sandbox", "--data-dir", str(folder), "--seed", str(SMALL.seed), "--customers",
        str(SMALL.customers),
        "--months", str(SMALL.months),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "error"}
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["shops"]["us"] == {"domain": US, "base_url": f"{ready['origin']}/shops/{US}"}
        assert httpx.get(f"{ready['origin']}/__meta/health").json()["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
