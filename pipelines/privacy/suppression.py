"""The list of those who were redacted: systems beside us send on, Shopify until it has redacted, an ERP for ever.

Loading does not look at it yet: who arrives again has to be redacted again (docs/privacy.md).

The list names nobody: an id is kept as SHA-256 of a secret key, the kind of id, its connection and the id. Ids are
numbers that anyone can count through, so the key is what keeps the list from being read, and it is kept apart from it:
`privacy.suppression_key` in the settings, or else a file of the data folder, made with the first redaction.
"""

import hashlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.privacy.person import Person
from pipelines.privacy.tables import SUPPRESSIONS
from pipelines.warehouse import Session

KEY_FILE = "privacy.key"
# The hash of nobody, by which a list tells whether a key is the one it was made with.
_CHECK = ("check", "", "")


def key_of(settings: Settings, session: Session) -> str:
    """The key of the list, made when there is neither a key nor a list.

    Raises ConfigurationError when the list was made with another key, or its key is not here.
    """
    path = settings.data_dir / KEY_FILE
    begun = session.exists(SUPPRESSIONS) and bool(
        session.rows(f"select count(*) from {SUPPRESSIONS} where kind = 'check'")[0][0]
    )
    given = settings.privacy.suppression_key
    if given is not None:
        key = given.get_secret_value()
    elif path.is_file():
        key = path.read_text(encoding="utf-8").strip()
    elif begun:
        raise ConfigurationError(
            f"The list of redacted persons was made with a key that is not here: neither is "
            f"BOOMERANG_PRIVACY__SUPPRESSION_KEY set nor is there a file {path}; bring it here from the machine or "
            f"backup that has it, then run again. Without it nobody on the list could be told."
        )
    else:
        key = _made(path)
    if begun:
        sql = f"select count(*) from {SUPPRESSIONS} where kind = 'check' and subject_hash = ?"
        if not session.rows(sql, (hashed(key, *_CHECK),))[0][0]:
            raise ConfigurationError(
                "The list of redacted persons was made with another key than BOOMERANG_PRIVACY__SUPPRESSION_KEY or "
                f"{path} holds now; bring the first one back, then run again."
            )
    return key


def hashed(key: str, kind: str, connection: str, subject: object) -> str:
    """What an id is kept as."""
    return hashlib.sha256(f"{key}:{kind}:{connection}:{subject}".encode()).hexdigest()


def suppress(session: Session, key: str, person: Person, redaction_id: str) -> None:
    """Put a person's ids on the list, in the transaction of the caller; those on it stay as they are."""
    subject = person.subject
    wanted = {_CHECK, ("customer", subject.shop, str(subject.customer_id))}
    wanted |= {("order", subject.shop, str(order)) for order in person.order_ids}
    wanted |= {("erp_customer", erp, customer) for erp, ids in person.erp_ids.items() for customer in ids}
    hashes = {(kind, connection): set[str]() for kind, connection, _ in wanted}
    for kind, connection, one in wanted:
        hashes[kind, connection].add(hashed(key, kind, connection, one))
    known = {row[0] for row in session.rows(f"select subject_hash from {SUPPRESSIONS}")}
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {"kind": kind, "connection": connection, "subject_hash": one, "redaction_id": redaction_id}
        for (kind, connection), ones in hashes.items()
        for one in sorted(ones - known)
    ]
    if rows:
        times = pa.array([now] * len(rows), pa.timestamp("us"))
        session.append(SUPPRESSIONS, pa.Table.from_pylist(rows).append_column("suppressed_at", times))


def _made(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_hex(32)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return key
