"""Guidelines: a version is its content."""

from pathlib import Path

import pytest

from annotate.errors import LabellingError
from annotate.labelling import adopt_guidelines
from annotate.store import Store

INSTRUCTIONS = Path(__file__).parents[3] / "instructions"


def test_equal_content_is_one_version_and_a_changed_word_another(
    store: Store, guidelines_folder: Path
) -> None:
    first = adopt_guidelines(store, guidelines_folder)
    assert adopt_guidelines(store, guidelines_folder) == first
    file = guidelines_folder / "ru" / "comparison.md"
    file.write_text("Сравни внимательно.", "utf-8")
    second = adopt_guidelines(store, guidelines_folder)
    assert (second.id, second.content_hash) != (first.id, first.content_hash)
    file.write_text("Сравни.", "utf-8")
    assert adopt_guidelines(store, guidelines_folder) == first


def test_texts_come_by_language_and_fall_back_to_english(store: Store, guidelines_folder: Path) -> None:
    version = adopt_guidelines(store, guidelines_folder)
    assert version.in_language("ru") == {"comparison": "Сравни."}
    assert version.in_language("en") == version.in_language("de") == {"comparison": "Compare."}


def test_a_folder_without_guidelines_is_an_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(LabellingError, match="no guidelines here"):
        adopt_guidelines(store, tmp_path / "nothing")


def test_the_packaged_guidelines_say_the_same_in_both_languages(sqlite_store: Store) -> None:
    version = adopt_guidelines(sqlite_store, INSTRUCTIONS)
    russian, english = version.in_language("ru"), version.in_language("en")
    assert russian.keys() == english.keys()
    assert len(russian) >= 5
    for name, text in russian.items():
        assert text.count("\n#") == english[name].count("\n#"), name
