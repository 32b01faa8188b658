"""Run on this machine under `accelerate launch`: several processes, GPUs, DeepSpeed, FSDP.

The run's own process freezes the rows and exports the model; the training between is started with
`accelerate launch` before it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from annotate.jobs.launchers.local import LocalLauncher


class AccelerateLauncher(LocalLauncher):
    """Start runs whose training goes through `accelerate launch`."""


def accelerate_prefix(arguments: Sequence[str]) -> list[str]:
    """Return the command that starts a Python module under accelerate, such as `[..., "-m", "training"]`."""
    return [sys.executable, "-m", "accelerate.commands.launch", *map(str, arguments)]
