"""The card of a pair."""

from annotate.labelling import AnswerView, PairView
from annotate.labelling.views import PassageView
from annotate.ui.pair_card import draw_pair, same_numbers, share_passages
from annotate.ui.texts import Speech

SPEECH = Speech("en")


def passage(number: int, name: str) -> PassageView:
    return PassageView(number, name, f"text of {name}", "doc")


def pair(a: str, b: str, of_a: tuple[PassageView, ...], of_b: tuple[PassageView, ...]) -> PairView:
    return PairView(1, "Why?", "en", AnswerView(a, (), of_a, False), AnswerView(b, (), of_b, False))


def test_equal_lists_need_one_number():
    both = (passage(1, "x"), passage(2, "y"))
    card = pair("It is [1].", "It is [2].", both, both)
    assert same_numbers(share_passages(card))
    assert ">1</span>" in draw_pair(card, SPEECH)
    assert "A1" not in draw_pair(card, SPEECH)


def test_different_lists_are_told_apart():
    card = pair("It is [1].", "It is [1].", (passage(1, "x"),), (passage(1, "y"), passage(2, "x")))
    shared = share_passages(card)
    numbers = {each.passage.title: each.numbers for each in shared}
    assert numbers == {"x": {"A": 1, "B": 2}, "y": {"B": 1}}
    html = draw_pair(card, SPEECH)
    assert all(html.count(f">{name}</span>") == 2 for name in ("A1", "B1"))
    assert html.count(">B2</span>") == 1


def test_a_citation_of_nothing_is_marked():
    html = draw_pair(pair("It is [3].", "Yes.", (passage(1, "x"),), ()), SPEECH)
    assert 'pl-missing" title="there is no passage 3"' in html


def test_everything_untrusted_is_escaped():
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>![](http://evil/x.png)'
    source = (PassageView(1, evil, evil, evil),)
    html = draw_pair(PairView(1, evil, evil, *[AnswerView(evil + " [1]", (), source, True)] * 2), SPEECH)
    assert "<script" not in html
    assert "<img" not in html
    assert "onerror=alert(2)>" not in html


def test_without_passages_it_says_so():
    assert "Neither answer came with passages." in draw_pair(pair("Yes.", "No.", (), ()), SPEECH)
