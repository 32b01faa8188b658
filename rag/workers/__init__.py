"""Run work on untrusted input in child processes with limits on memory, time and output."""

from rag.workers.pool import Pool
from rag.workers.worker import Worker

__all__ = ["Pool", "Worker"]
