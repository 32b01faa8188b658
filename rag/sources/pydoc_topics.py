"""Read the Python language reference that ships inside CPython."""

from __future__ import annotations

from collections.abc import Iterator

from rag.documents import Document

COLLECTION = "pydoc"


def read_topics() -> Iterator[Document]:
    """Yield the topics of `pydoc_data.topics`, one document a topic, under keys `pydoc:TOPIC`."""
    from pydoc_data import topics

    for topic, text in sorted(topics.topics.items()):
        title = next((line.strip() for line in text.splitlines() if line.strip()), topic)
        yield Document(f"{COLLECTION}:{topic}", title, text, source="pydoc_data.topics")
