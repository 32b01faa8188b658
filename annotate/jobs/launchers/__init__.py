"""Launchers: where the process of a run is started. One launcher a file."""

from collections.abc import Mapping
from typing import Any

from annotate.errors import JobError
from annotate.jobs.launchers.accelerate import AccelerateLauncher, accelerate_prefix
from annotate.jobs.launchers.base import Handle, Job, Launcher, Status
from annotate.jobs.launchers.local import LocalLauncher
from annotate.jobs.launchers.ray_jobs import RayLauncher

LAUNCHERS = ("local", "accelerate", "ray")


def make_launcher(name: str, options: Mapping[str, Any] | None = None) -> Launcher:
    """Return the launcher of a name; `options` may hold `ray_address`. Raises JobError for an unknown one."""
    if name == "local":
        return LocalLauncher()
    if name == "accelerate":
        return AccelerateLauncher()
    if name == "ray":
        return RayLauncher(str((options or {}).get("ray_address", "")))
    raise JobError(f"unknown launcher {name}; known: {', '.join(LAUNCHERS)}")


__all__ = [
    "LAUNCHERS",
    "AccelerateLauncher",
    "Handle",
    "Job",
    "Launcher",
    "LocalLauncher",
    "RayLauncher",
    "Status",
    "accelerate_prefix",
    "make_launcher",
]
