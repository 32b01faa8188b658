"""Keep the server's secret, derive each webhook's key from it, sign messages.

Source: Standard Webhooks 1.0 (https://www.standardwebhooks.com): the receiver takes its key without
`whsec_`, and HMAC-SHA256 of `id.timestamp.body` under it in base64 is the signature `v1`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from annotate.errors import SettingsError

VARIABLE = "PAIRLOOP_SECRET"
FILE = "secret.key"
PREFIX = "whsec_"
LEAST_CHARACTERS = 32


def server_secret(folder: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """Return the secret of the environment, else of a file in the workspace, made on first use.

    Raises SettingsError for a short secret, or a file that others may read.
    """
    given = environment.get(VARIABLE, "").strip()
    if given:
        if len(given) < LEAST_CHARACTERS:
            raise SettingsError(f"{VARIABLE} needs {LEAST_CHARACTERS} characters or more")
        return given.encode()
    file = folder / FILE
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(file)
    with os.fdopen(handle, "w") as target:
        target.write(secrets.token_urlsafe(48))
    return _read(file)


def key_of(secret: bytes, webhook_id: int) -> str:
    """Return the key of a webhook as its receiver keeps it."""
    key = hmac.digest(secret, f"pairloop webhook {webhook_id}".encode(), hashlib.sha256)
    return PREFIX + base64.b64encode(key).decode()


def signed(key: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), content, hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def _read(file: Path) -> bytes:
    if file.stat().st_mode & 0o077:
        raise SettingsError(
            f"{file}: others may read this secret; `chmod 600` it, or delete it for a new one"
        )
    found = file.read_text().strip()
    if len(found) < LEAST_CHARACTERS:
        raise SettingsError(f"{file}: this secret is cut short; delete it for a new one")
    return found.encode()
