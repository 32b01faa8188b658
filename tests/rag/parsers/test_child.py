"""What runs inside the limited process: any bytes give texts or a reason."""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.parsers import PARSERS, Columns, ParsedText, ParserOptions, SiteRules
from rag.parsers.child import answer, decode_text, encode_request, parse_file
from rag.workers.limits import Limits
from rag.workers.serving import serve

SUFFIXES = sorted({suffix for parser in PARSERS for suffix in parser.suffixes})
HEADS = [
    b"",
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"<html><body>",
    b"a,b\n",
    b"{",
    b"---\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
]
RULES = SiteRules("example.org", content="main", remove=("aside",))


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(st.sampled_from(HEADS), st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_under_any_suffix_give_texts_or_a_reason(
    tmp_path: Path, suffix: str, head: bytes, rest: bytes
) -> None:
    file = tmp_path / f"any{suffix}"
    file.write_bytes(head + rest)
    try:
        texts = parse_file(file, ParserOptions(), Limits())
    except DocumentError as refused:
        texts = [ParsedText("", "", error=str(refused))]
    assert texts
    for text in texts:
        assert text.text or text.error.strip() or len(texts) > 1
        assert "\n" not in text.error
        json.dumps(text[:3]).encode()


@given(st.integers(min_value=0, max_value=5_000), st.integers(min_value=0, max_value=255))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_byte_in_a_real_file_gives_texts_or_a_reason(
    tmp_path: Path, make_pdf: Callable[..., bytes], position: int, value: int
) -> None:
    content = bytearray(make_pdf("Returns take fourteen days.", "Second page."))
    content[position % len(content)] = value
    file = tmp_path / "a.pdf"
    file.write_bytes(bytes(content))
    with suppress(DocumentError):
        assert parse_file(file, ParserOptions(), Limits())


def test_texts_are_repaired(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("# За\u200bголовок\u202e\n\nРџСЂРёРІРµС‚,\u00a0мир", "utf-8")
    assert parse_file(file, ParserOptions(), Limits()) == [
        ParsedText("Заголовок", "# Заголовок\n\nПривет, мир")
    ]


def test_too_many_texts_and_too_much_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text\n" + "слово\n" * 50, "utf-8")
    with pytest.raises(DocumentError, match="50 parts, more than the 20 allowed"):
        parse_file(file, ParserOptions(), Limits(texts=20))
    with pytest.raises(DocumentError, match="more than 100 characters"):
        parse_file(file, ParserOptions(), Limits(characters=100))
    with pytest.raises(DocumentError, match=r"no parser for \.exe"):
        parse_file(tmp_path / "a.exe", ParserOptions(), Limits())


def test_requests_and_answers_survive_the_pipe(tmp_path: Path) -> None:
    file = tmp_path / "строки \udcff.csv"
    try:
        file.write_text("id,text,day\n1,«Возврат» \U0001f600,2024-03-12\n2,,\n", "utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    options = ParserOptions(Columns(("text",), id="id", date="day"), (RULES,), "https://example.org/a")
    answers = io.StringIO()
    requests = io.StringIO(encode_request(file, options).decode())
    serve(requests, answers, lambda request: answer(request, Limits()))
    ready, *texts, end = map(json.loads, answers.getvalue().splitlines())
    assert ready == "ready"
    assert end == {"end": ""}
    assert [decode_text(text) for text in texts] == [
        ParsedText("", "«Возврат» \U0001f600", "1", date(2024, 3, 12)),
        ParsedText("", "", "2", error="line 3: nothing in text"),
    ]
