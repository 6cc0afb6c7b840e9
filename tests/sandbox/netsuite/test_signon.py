"""Who gets in: signed assertions and OAuth 1.0a, made by libraries of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.server import Sandbox
from tests.sandbox.netsuite.client import NetSuite

ONE = "SELECT id FROM currency ORDER BY id"


def test_an_assertion_signed_with_es256_opens_the_account(netsuite: NetSuite) -> None:
    reply = netsuite.sign_on()
    assert reply.status_code == 200
    assert reply.json()["token_type"] == "bearer"
    assert netsuite.rows(ONE)[0]["id"] == "1"


def test_ps256_is_taken_and_rs256_of_the_same_key_is_refused(netsuite: NetSuite, served: Sandbox) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (served.folder / "netsuite" / "certificates" / "rsa.pem").write_bytes(public)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert netsuite.sign_on(netsuite.assertion("PS256", private, kid="rsa")).status_code == 200
    refused = netsuite.sign_on(netsuite.assertion("RS256", private, kid="rsa"))
    assert refused.status_code == 400
    assert "RS256" in refused.json()["error_description"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kid": "other"}, "not mapped"),
        ({"iss": "somebody"}, "client id is unknown"),
        ({"scope": "restlets"}, "scope must be"),
        ({"aud": "https://elsewhere.example"}, "[Aa]udience"),
        ({"exp": 1}, "expired"),
    ],
)
def test_an_assertion_that_is_not_right_is_refused_with_its_reason(
    netsuite: NetSuite, changed: dict[str, object], why: str
) -> None:
    reply = netsuite.sign_on(netsuite.assertion(**changed))
    assert reply.status_code == 400
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(reply.json()["error_description"])


def test_an_assertion_good_for_more_than_an_hour_is_refused(netsuite: NetSuite) -> None:
    import time

    assert netsuite.sign_on(netsuite.assertion(exp=int(time.time()) + 4_000)).status_code == 400


def test_oauth1_opens_the_account_and_a_wrong_secret_or_realm_does_not(netsuite: NetSuite) -> None:
    assert netsuite.signed(ONE).status_code == 200
    assert netsuite.signed(ONE, token_secret="wrong").status_code == 401
    assert netsuite.signed(ONE, account="1234567-sb1").status_code == 401


def test_without_a_token_or_with_a_forgotten_one_nothing_is_told(netsuite: NetSuite) -> None:
    netsuite.sign_on()
    netsuite.faults({"kind": "expired_token", "shop": "netsuite", "times": 1})
    assert netsuite.post(ONE).status_code == 401
    netsuite.sign_on()
    assert netsuite.post(ONE).status_code == 200


def test_the_private_key_is_not_for_everybody(served: Sandbox, netsuite: NetSuite) -> None:
    assert Path(netsuite.access["private_key_path"]).stat().st_mode & 0o077 == 0
