"""Make a peer's own environment, and run a script in it that answers in JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PEERS = Path.home() / ".cache" / "pairloop" / "peers"
_RECEIPT = "installed.json"


def run_in(
    name: str,
    packages: Sequence[str],
    script: Path,
    arguments: Sequence[str | Path | float] = (),
    *,
    folder: Path = PEERS,
    borrow: bool = False,
) -> Any:
    """Run a script with a peer's packages and return what its last line on stdout says, read as JSON.

    The environment `folder/name` is made on the first call and made anew when `packages` change. Hand large
    inputs over as files: `arguments` become command-line arguments. With `borrow` the environment
    also sees our own packages, behind its own, so that a peer need not install torch again.
    What the script writes to stderr goes to ours: a progress bar is seen.

    Raises SystemExit, in one line, when pip or the script fails or the last line is no JSON.
    """
    python = environment(folder / name, packages, borrow=borrow)
    done = subprocess.run(
        [str(python), str(script), *(str(argument) for argument in arguments)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=surroundings(),
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script.name} failed in the environment {name} with status {done.returncode}")
    lines = done.stdout.strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise SystemExit(f"{script.name} printed no JSON as its last line") from error


def environment(home: Path, packages: Sequence[str], *, borrow: bool) -> Path:
    """Return the interpreter of an environment that holds exactly these packages."""
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = {"packages": sorted(packages), "borrow": borrow}
    receipt = home / _RECEIPT
    if receipt.exists() and json.loads(receipt.read_text("utf-8")) == wanted:
        return python
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    if borrow:
        _borrow(python)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    if packages and subprocess.run(pip, env=surroundings(), check=False).returncode:
        raise SystemExit(f"pip could not install {' '.join(packages)} into {home}")
    receipt.write_text(json.dumps(wanted), "utf-8")  # last: an environment without it is made anew
    return python


def _borrow(python: Path) -> None:
    """Let an environment see our packages: a .pth file adds their folder after its own."""
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    theirs = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    ours = sysconfig.get_path("purelib")
    (Path(theirs) / "borrowed.pth").write_text(ours + "\n", "utf-8")


def surroundings() -> dict[str, str]:
    """Return our environment variables without those that lead an interpreter to our packages."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    return kept | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONIOENCODING": "utf-8"}
