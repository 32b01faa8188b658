from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.bridges.formats import json_files
from annotate.bridges.formats.json_files import read_array, read_lines, write_array
from annotate.errors import BridgeError


def write(folder: Path, text: str) -> Path:
    file = folder / "file.json"
    file.write_text(text, "utf-8", newline="")
    return file


def test_each_line_has_its_number_and_each_bad_one_its_reason(tmp_path: Path) -> None:
    found = list(read_lines(write(tmp_path, '\ufeff{"a": 1}\n\n[1]\r\n{"a": \n{"ы": "я"}')))
    assert [(one.line, one.value, bool(one.reason)) for one in found] == [
        (1, {"a": 1}, False),
        (3, {}, True),
        (4, {}, True),
        (5, {"ы": "я"}, False),
    ]


def test_an_element_of_an_array_knows_the_line_it_begins_on(tmp_path: Path) -> None:
    file = write(tmp_path, '\n [\n{"a":\n1},\n\n3, {"b": [2]}\n]\n')
    assert [(one.line, one.value) for one in read_array(file)] == [(3, {"a": 1}), (6, {}), (6, {"b": [2]})]


@pytest.mark.parametrize("text", ["", "{}", "[", '[{"a": 1}', '[{"a": 1} {', "[nope]", '["x'])
def test_what_is_no_array_is_refused_with_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(BridgeError, match=r"file\.json") as caught:
        list(read_array(write(tmp_path, text)))
    assert "\n" not in str(caught.value)


def test_other_encodings_and_missing_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    with pytest.raises(BridgeError, match="cannot be read"):
        list(read_lines(file))
    file.write_bytes("{'Привет'}".encode("cp1251"))
    with pytest.raises(BridgeError, match="not UTF-8"):
        list(read_lines(file))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    rows=st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=6),
    block=st.integers(1, 64),
)
@settings(deadline=None)
def test_arrays_come_back_however_the_file_is_cut_into_blocks(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], block: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "array.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_files, "_BLOCK", block)
        rows = json.loads(json.dumps(rows))
        try:
            write_array(file, rows)
        except UnicodeEncodeError:
            return  # half a character: no file holds it
        assert [one.value for one in read_array(file)] == rows
