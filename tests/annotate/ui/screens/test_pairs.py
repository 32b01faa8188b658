"""The pairs screen: search, filters, paging, lineage, roles."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def drawn(at: AppTest) -> str:
    """Return the HTML on the page, without the style sheet."""
    bodies = [element.proto.body for element in at.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def listed(at: AppTest) -> list[str]:
    return [button.key for button in at.button if button.key and button.key.startswith("open-")]


def test_all_pairs_stand_there_the_newest_first(workspace, show):
    at = show("pairs", "lead")
    assert listed(at) == [f"open-{number}" for number in range(6, 0, -1)]
    assert at.button(key="previous").disabled
    assert at.button(key="next").disabled
    assert len(at.get("download_button")) == 1


def test_words_are_found_whatever_their_case_and_form(workspace, show):
    at = show("pairs")
    at.text_input(key="pair-text").set_value("ПОСЫЛКИ").run()
    assert listed(at) == ["open-6"]
    at.text_input(key="pair-text").set_value("zeppelin").run()
    assert listed(at) == []
    assert "Nothing fits" in {each.value for each in at.subheader}


def test_filters_join_the_search(workspace, show):
    at = show("pairs")
    at.selectbox(key="pair-language").set_value("ru").run()
    assert listed(at) == ["open-6", "open-5", "open-4"]
    at.selectbox(key="pair-verdict").set_value("B_better").run()
    assert listed(at) == ["open-5"]
    at.selectbox(key="pair-state").set_value("unlabelled").run()
    assert listed(at) == []


def test_a_pair_leads_from_its_documents_to_its_judgements(workspace, show):
    at = show("pairs")
    at.button(key="open-4").click().run()
    assert not at.exception
    assert at.query_params["pair"] in ("4", ["4"])
    page = drawn(at)
    assert "За какой срок хозяин квартиры" in page
    assert "Documents and passages" in page
    sources, assignments, judgements = [frame.value for frame in at.dataframe]
    assert set(sources["document"]) == {"Памятка нанимателю"}
    assert set(sources["now"]) == {"no longer there"}
    assert list(assignments["assessor"]) == list(judgements["assessor"]) == ["judge-smollm2", "heuristic"]
    assert "in 0 runs" in page
    at.button(key="back").click().run()
    assert len(listed(at)) == 6


def test_a_pair_that_is_not_there_is_named(workspace, show):
    at = show("pairs")
    at.query_params["pair"] = "404"
    at.run()
    assert "no pair number 404" in at.error[0].value


def test_without_pairs_the_screen_says_how_they_are_made(empty_workspace, show):
    at = show("pairs")
    assert "pairloop pairs" in " ".join(each.value for each in at.markdown)


@pytest.mark.parametrize("role", ["lead", "engineer", "admin"])
def test_who_reads_pairs_sees_them_in_russian_too(workspace, show, role: str):
    at = show("pairs", role)
    at.selectbox(key="language").set_value("ru").run()
    assert "оценена" in drawn(at)


def test_an_assessor_is_refused(workspace, show):
    at = show("pairs", "assessor")
    assert listed(at) == []
    assert "посылка" not in drawn(at).lower()
