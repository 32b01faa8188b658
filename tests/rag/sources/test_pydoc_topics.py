"""The Python reference that ships inside CPython."""

from rag.sources.pydoc_topics import read_topics


def test_topics_are_documents_in_english_with_unique_keys() -> None:
    topics = list(read_topics())
    assert len({topic.key for topic in topics}) == len(topics) > 50
    assert {topic.collection for topic in topics} == {"pydoc"}
    assert {topic.language for topic in topics} == {"en"}
    lambdas = next(topic for topic in topics if topic.key == "pydoc:lambda")
    assert lambdas.title == "Lambdas"
    assert "anonymous function" in " ".join(lambdas.text.split())
