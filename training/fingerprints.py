"""Fingerprints of weights: equal if and only if the stored tensors are."""

import hashlib
from pathlib import Path

from training.errors import ModelError


def weights_fingerprint(folder: Path) -> str:
    """Give the sha256 over the safetensors files of a model folder, in order of their names.

    Raises ModelError where the folder holds none.
    """
    files = sorted(folder.rglob("*.safetensors"))
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
