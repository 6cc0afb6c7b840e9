"""Starting and stopping: one server a folder, worlds used again, changes kept."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from sandbox.server import CannotServe, Sandbox, pristine_world
from sandbox.settings import Settings
from tests.sandbox_fixture import QUICK, SMALL, US, SandboxClient

ADD = 'mutation T($id: ID!) { tagsAdd(id: $id, tags: ["kept"]) { node { id } userErrors { message } } }'


@pytest.fixture
def folder(sandbox_world: Path, tmp_path: Path) -> Path:
    """A data folder of its own, with the small world in it."""
    shutil.copytree(sandbox_world, tmp_path / "data")
    return tmp_path / "data"


def test_a_world_is_built_once_for_the_same_size(folder: Path) -> None:
    built = pristine_world(folder, SMALL)
    before = built.stat().st_mtime_ns
    assert pristine_world(folder, SMALL) == built
    assert built.stat().st_mtime_ns == before


def test_changes_and_the_clock_outlive_a_restart_unless_a_fresh_start_is_asked_for(folder: Path) -> None:
    with Sandbox(folder, SMALL, QUICK).serving() as running, SandboxClient(running) as client:
        gid = client.ask("{ customers(first: 1) { nodes { id } } }")["customers"]["nodes"][0]["id"]
        client.ask(ADD, {"id": gid})
        client.advance(days=1)
        left_at = client.get_meta("health")["now"]
    number = gid.rsplit("/", 1)[-1]
    with Sandbox(folder, SMALL, QUICK).serving() as running, SandboxClient(running) as client:
        assert "kept" in client.state()["customers"][number]["tags"]
        assert client.get_meta("health")["now"] >= left_at
    with Sandbox(folder, SMALL, QUICK, fresh=True).serving() as running, SandboxClient(running) as client:
        assert "kept" not in client.state()["customers"][number]["tags"]
        assert client.get_meta("health")["now"] < left_at


def test_a_folder_is_served_by_one_server_at_a_time(folder: Path) -> None:
    with (
        Sandbox(folder, SMALL, QUICK).serving(),
        pytest.raises(CannotServe, match="another sandbox serves"),
        Sandbox(folder, SMALL, QUICK).serving(),
    ):
        pass


def test_a_port_in_use_is_told_in_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(CannotServe, match=f"cannot listen on 127.0.0.1:{port}"),
            Sandbox(folder, SMALL, QUICK, port).serving(),
        ):
            pass


def test_an_unknown_setting_or_plan_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="no such setting: colour"):
        Settings().changed({"colour": "red"})
    with pytest.raises(ValueError, match="no such plan: gold"):
        Settings().changed({"plan": "gold"})


def test_the_fixture_serves_the_shops_of_the_merchant(sandbox: SandboxClient) -> None:
    assert sandbox.base_url() == f"{sandbox.origin}/shops/{US}"
    assert len(sandbox.get_meta("health")["shops"]) == 2
