"""The guard of tests/conftest.py holds: tests reach this machine only."""

import socket

import pytest

from tests.conftest import NetworkRefused


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(NetworkRefused, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))


def test_a_name_outside_is_not_looked_up() -> None:
    with pytest.raises(NetworkRefused, match=r"shopify\.example"):
        socket.getaddrinfo("shopify.example", 443)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as here:
        assert here.getpeername()[0] == "127.0.0.1"
