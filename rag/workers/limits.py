"""Limit what one piece of work may cost."""

from __future__ import annotations

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Say what one piece of work, such as parsing a file, may take: input, memory, time and output.

    `memory_bytes` is what the child may allocate on top of the interpreter and its libraries.
    `seconds_per_megabyte` of the request come on top of both times.
    """

    file_bytes: int = 128 << 20
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    characters: int = 20_000_000
    texts: int = 200_000
    seconds_per_megabyte: float = 0.0

    def seconds_for(self, request_bytes: int) -> tuple[int, float]:
        """Return the seconds of processor time and of wall time that a request of this size may take."""
        more = self.seconds_per_megabyte * request_bytes / 1e6
        return self.cpu_seconds + int(more), self.wall_seconds + more


def limit_process(limits: Limits) -> None:
    """Limit this process for good: its memory, and no writing to files, no core dumps."""
    size = _address_space_bytes() + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_next_task(limits: Limits, request_bytes: int = 0) -> None:
    """Allow this process the processor time of one more task; past it the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + limits.seconds_for(request_bytes)[0]
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _address_space_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123 - read once, early in a child
        return int(pages.read().split()[0]) * resource.getpagesize()
