"""Fingerprints of weights and rows a run left: equal if and only if what is stored is."""

import hashlib
from pathlib import Path

from training.errors import ModelError

_PRODUCTS = ("*.safetensors", "model.bin", "demonstrations.jsonl")


def weights_fingerprint(folder: Path) -> str:
    """Give the sha256 over the safetensors files of a model folder, in order of their names.

    CTranslate2's `model.bin` (a format of plain numbers) counts as well, and so do the rows that the kind
    `rejection` leaves in place of weights. Raises ModelError where the folder holds none of them.
    """
    files = sorted(file for pattern in _PRODUCTS for file in folder.rglob(pattern))
    if not files:
        raise ModelError(f"{folder}: no model here (no safetensors weights); name a model folder")
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(bytes.fromhex(file_fingerprint(file)))
    return digest.hexdigest()


def file_fingerprint(path: Path) -> str:
    """Give the sha256 of one file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
