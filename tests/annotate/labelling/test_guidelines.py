"""Guidelines: a version is its content."""

from pathlib import Path

import pytest

from annotate.errors import LabellingError
from annotate.labelling import adopt_guidelines
from annotate.labelling.campaigns import CampaignRules, open_campaign
from annotate.labelling.guidelines import (
    confirm_guideline,
    current_guideline,
    find_guideline,
    list_guidelines,
    pending_changes,
    section,
)
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


def test_the_version_adopted_last_is_current_even_when_it_is_an_old_one(
    store: Store, guidelines_folder: Path
) -> None:
    first = adopt_guidelines(store, guidelines_folder)
    file = guidelines_folder / "ru" / "comparison.md"
    file.write_text("Сравни внимательно.", "utf-8")
    second = adopt_guidelines(store, guidelines_folder)
    assert current_guideline(store) == second
    file.write_text("Сравни.", "utf-8")
    adopt_guidelines(store, guidelines_folder)
    assert current_guideline(store) == first
    assert list_guidelines(store) == [first, second]
    assert find_guideline(store, second.content_hash[:8]) == find_guideline(store, str(second.id)) == second


def test_an_assessor_sees_what_changed_since_the_version_confirmed_last(
    ledger, guidelines_folder: Path
) -> None:
    anna = ledger.person("anna")
    everything = pending_changes(ledger.store, anna.id)
    assert (everything.read, everything.changes) == (None, ())
    confirm_guideline(ledger.store, anna.id, ledger.guideline.id)
    confirm_guideline(ledger.store, anna.id, ledger.guideline.id)
    assert pending_changes(ledger.store, anna.id) is None
    (guidelines_folder / "en" / "comparison.md").write_text("Compare with care.", "utf-8")
    changed = adopt_guidelines(ledger.store, guidelines_folder)
    pending = pending_changes(ledger.store, anna.id)
    assert (pending.read, pending.current) == (ledger.guideline, changed)
    [change] = pending.changes
    assert (change.language, change.name) == ("en", "comparison")
    assert pending_changes(ledger.store, anna.id, language="ru").changes == ()


def test_a_campaign_may_stay_with_its_version(ledger, guidelines_folder: Path) -> None:
    open_campaign(ledger.store, "old", CampaignRules(guideline=ledger.guideline.content_hash))
    (guidelines_folder / "en" / "comparison.md").write_text("Compare with care.", "utf-8")
    adopt_guidelines(ledger.store, guidelines_folder)
    assert current_guideline(ledger.store, "old") == ledger.guideline
    assert current_guideline(ledger.store) != ledger.guideline


def test_the_place_of_an_error_is_found_in_both_languages(sqlite_store: Store) -> None:
    version = adopt_guidelines(sqlite_store, INSTRUCTIONS)
    for place in (
        "errors#Hallucination", "aspects#Completeness", "aspects#Language quality",
        "citations#A wrong citation",
    ):  # fmt: skip
        english, russian = (section(version, language, place) for language in ("en", "ru"))
        assert english.splitlines()[0].strip("# ") == place.split("#")[1]
        assert len(russian) > 50
        assert russian != english
    assert section(version, "en", "errors#Nothing") == section(version, "en", "nowhere#Hallucination") == ""
