"""Staged uploads: targets are promised here, files arrive by HTTP and are found again by their key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import uuid
from pathlib import Path
from typing import Any

from sandbox.graph.session import Session
from sandbox.search.filters import number_of
from sandbox.writeback.payload import user_error

Args = dict[str, Any]
BUCKET = "shopify-staged-uploads"


class Uploads:
    """Files by key, and the signature that each target must show."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        """Keep files below `folder`."""
        self.folder = folder
        self._secret = secret
        self._promised: set[str] = set()
        self._lock = threading.Lock()

    def promise(self, key: str) -> str:
        """Return the signature of a new target."""
        with self._lock:
            self._promised.add(key)
        return self.signature(key)

    def signature(self, key: str) -> str:
        """Return the signature of a key."""
        return hmac.new(self._secret, key.encode(), hashlib.sha256).hexdigest()

    def accepts(self, key: str, signature: str) -> bool:
        """Tell whether a file may be put under this key."""
        return key in self._promised and hmac.compare_digest(signature, self.signature(key))

    def place(self, key: str) -> Path:
        """Return where the file of a key is kept."""
        return self.folder / hashlib.sha256(key.encode()).hexdigest()

    def path(self, key: str) -> Path | None:
        """Return the file of a key, None when none has arrived."""
        place = self.place(key)
        return place if key in self._promised and place.exists() else None


def create(session: Session, args: Args) -> Args:
    """Answer `stagedUploadsCreate`."""
    targets, errors = [], []
    for index, given in enumerate(args["input"]):
        if given["resource"] in ("VIDEO", "MODEL_3D") and given.get("fileSize") is None:
            errors.append(user_error(["input", str(index), "fileSize"], "file size is required"))
            continue
        key = f"tmp/{number_of(session.shop_doc['id'])}/bulk/{uuid.uuid4()}/{given['filename']}"
        targets.append(_target(session, key, given))
    return {"stagedTargets": None if errors else targets, "userErrors": errors}


def _target(session: Session, key: str, given: Args) -> Args:
    uploads = session.shopify.uploads
    signature = uploads.promise(key)
    origin = session.shopify.origin
    if given.get("httpMethod") != "POST":
        url = f"{origin}/storage/staged/{key}?X-Goog-Signature={signature}"
        parameters = [("content_type", given["mimeType"]), ("acl", "private")]
        return {"url": url, "resourceUrl": url.split("?")[0], "parameters": _listed(parameters)}
    stamp = session.shopify.clock.now().strftime("%Y%m%dT%H%M%SZ")
    policy = base64.b64encode(f'{{"conditions":[{{"key":"{key}"}}]}}'.encode()).decode()
    parameters = [
        ("Content-Type", given["mimeType"]), ("success_action_status", "201"), ("acl", "private"), ("key", key),
        ("x-goog-date", stamp), ("x-goog-credential", f"sandbox/{stamp[:8]}/auto/storage/goog4_request"),
        ("x-goog-algorithm", "GOOG4-RSA-SHA256"), ("x-goog-signature", signature), ("policy", policy),
    ]  # fmt: skip
    return {
        "url": f"{origin}/storage/staged/",
        "resourceUrl": f"{origin}/storage/staged/{key}",
        "parameters": _listed(parameters),
    }


def _listed(parameters: list[tuple[str, str]]) -> list[Args]:
    return [{"name": name, "value": value} for name, value in parameters]
