"""Web pages: the main text stays, scripts and menus go."""

from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.parsers.html import HtmlParser

PAGE = """<!doctype html><html><head><title>Возврат и обмен</title>
<script>var stolen = document.cookie;</script><style>p { color: red }</style></head>
<body><nav><a href="/">Главная</a><a href="/cart">Корзина</a></nav>
<article><h1>Возврат</h1>
<p>Вы можете вернуть товар в течение четырнадцати дней со дня доставки, и мы вернём деньги.</p>
<p>Goods that were opened cannot be returned unless the seller agrees to it in writing.</p>
<script>alert("inside the article")</script>
<table><tr><th>Страна</th><th>Срок</th></tr><tr><td>Россия</td><td>7 дней</td></tr></table>
</article><footer>© Shop</footer></body></html>"""


def test_text_and_tables_stay_scripts_styles_and_menus_go(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE, "utf-8")
    title, text = HtmlParser().parse(file)
    assert title.startswith("Возврат")
    assert "вернуть товар в течение четырнадцати дней" in text
    assert "unless the seller agrees" in text
    assert "7 дней" in text
    for gone in ("stolen", "alert", "color: red", "Корзина", "<"):
        assert gone not in text


def test_a_legacy_encoding_is_read(tmp_path: Path) -> None:
    file = tmp_path / "old.htm"
    file.write_bytes(PAGE.replace("©", "").encode("cp1251"))
    assert "вернуть товар" in HtmlParser().parse(file).text


@pytest.mark.parametrize("content", ["", "<html><body></body></html>", "<script>only()</script>"])
def test_a_page_without_text_is_an_error_with_a_reason(tmp_path: Path, content: str) -> None:
    file = tmp_path / "empty.html"
    file.write_text(content, "utf-8")
    with pytest.raises(DocumentError, match="no readable text"):
        HtmlParser().parse(file)
