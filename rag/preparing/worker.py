"""Prepare documents in child processes with limits on memory and time."""

from __future__ import annotations

from rag.documents import Document
from rag.preparation import PreparedDocument
from rag.preparing.child import decode_reply, encode_request
from rag.workers import Worker
from rag.workers.limits import Limits

# An English megabyte takes about 15 seconds, a Russian one (six bytes a letter in JSON) no more.
PREPARATION_LIMITS = Limits(memory_bytes=4 << 30, seconds_per_megabyte=300.0)


class PreparationWorker(Worker):
    """Prepare documents one after another in a recycled child process; use as a context manager."""

    module, job = "rag.preparing.child", "preparation"
    tasks_per_child = 2_000  # each child loads the models that find Russian names

    def prepare(self, document: Document, described: str, *, keep: bool) -> PreparedDocument:
        """Return a document prepared as `describe` wrote it; raise DocumentError with the reason."""
        [reply] = self.ask(encode_request(document, described, keep=keep))
        return decode_reply(reply, document)
