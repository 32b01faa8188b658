"""Documents and their derived properties."""

from hypothesis import given
from hypothesis import strategies as st

from rag import Document


def test_the_collection_is_the_part_before_the_first_colon() -> None:
    assert Document("handbook:a:b.md", "", "").collection == "handbook"


@given(st.text(), st.text(), st.text(), st.text())
def test_the_hash_tells_titles_and_texts_apart(
    title: str, text: str, other_title: str, other_text: str
) -> None:
    one, other = Document("k", title, text), Document("k", other_title, other_text)
    if "\x00" not in title + other_title:
        assert (one.content_hash == other.content_hash) == ((title, text) == (other_title, other_text))
