"""HTML as Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.parsers.markup import HIDDEN, parse_html, remove, table_rows, to_markdown


def markdown(page: str) -> str:
    body = parse_html(page).body
    assert body is not None
    return to_markdown(body)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<h2>A <i>b</i></h2><p>one\n two<p>three", "## A b\n\none two\n\nthree"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul><ol><li>d</ol>", "- a\n- b\n  - c\n1. d"),
        ("<p>a<br>b</p>", "a\nb"),
        ("<pre>x = 1\n  y</pre>after", "```\nx = 1\n  y\n```\n\nafter"),
        ("a<script>x()</script><style>p{}</style><template>t</template>b", "ab"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("<table><tr><th>A<th>B|C<tr><td>1</table>", "| A | B\\|C |\n| --- | --- |\n| 1 |  |"),
        ("<table><caption>C<tr><td>1</table>", "C\n\n| 1 |\n| --- |"),
        ("<table><tr><td>left<td><table><tr><td>1</table></table>", "left\n\n| 1 |\n| --- |"),
        ("<p>a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("", ""),
    ],
)
def test_blocks_keep_their_form(page: str, expected: str) -> None:
    assert markdown(page) == expected


def test_no_rows_make_no_table() -> None:
    assert table_rows([]) == ""


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<ul>", "<li>", "</ul>", "<table>", "<td>", "<h1>", "<pre>", "w "])
    )
)
@settings(max_examples=200, deadline=None)
def test_no_word_is_lost_whatever_the_tags(pieces: list[str]) -> None:
    assert markdown("".join(pieces)).count("w") == pieces.count("w ")


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>x</p>",
        "<p hidden style='display:none'><b style='DISPLAY: NONE'><i hidden>x</i></b></p>",
        "<div style='font-size:0;color:red'>x</div>",
        "<div style='visibility: hidden'>x</div>",
    ],
)
def test_hidden_elements_go_also_inside_each_other_and_matched_twice(hidden: str) -> None:
    tree = parse_html(f"<body>{f'<p>a</p>{hidden}' * 200}</body>")
    remove(tree, HIDDEN)
    assert tree.body is not None
    assert set(to_markdown(tree.body)) == {"a", "\n"}


@pytest.mark.parametrize(
    "shown", ["<p style='font-size:0.9em'>x</p>", "<p hidden=until-found>x</p>", "<p>x</p>"]
)
def test_small_print_and_what_unfolds_stay(shown: str) -> None:
    tree = parse_html(shown)
    remove(tree, HIDDEN)
    assert tree.body is not None
    assert to_markdown(tree.body) == "x"
