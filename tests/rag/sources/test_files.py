"""Folders: what is read, under which keys, and what is never touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.documents import Document, Failure
from rag.errors import CorpusError
from rag.parsers.base import Columns, ParserOptions
from rag.sources.files import find_files, read_files

Tree = Callable[[dict[str, str | bytes]], Path]


@pytest.fixture
def folder(make_tree: Tree) -> Path:
    return make_tree(
        {
            "returns.md": "# Возврат\n\nТовар можно вернуть.",
            "deep/er/delivery.txt": "We deliver in five days.",
            "broken.pdf": b"%PDF-1.4 garbage",
            "empty.txt": "  \n",
            "ignored.exe": b"MZ",
            ".hidden.md": "secret",
            ".git/config.txt": "secret",
        }
    )


READABLE = ["broken.pdf", "deep/er/delivery.txt", "empty.txt", "returns.md"]


def names(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in find_files(root)]


def test_files_become_documents_and_failures_in_order(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    items = list(read_files(folder, "shop", progress=lambda done, total: seen.append((done, total))))
    assert [item.key for item in items] == [f"shop:{name}" for name in READABLE]
    assert [type(item) for item in items] == [Failure, Document, Failure, Document]
    assert [item.title for item in items if isinstance(item, Document)] == ["delivery", "Возврат"]
    assert items[1].source == str(folder / "deep/er/delivery.txt")
    assert seen == [(count, 4) for count in range(1, 5)]


def test_links_loops_and_pipes_are_left_alone(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "up.txt").symlink_to("../outside/secret.txt")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "deep/back").symlink_to("..", target_is_directory=True)
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "dangling.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.txt")
    assert names(folder) == READABLE
    assert names(folder / "deep") == ["er/delivery.txt"]


def test_a_file_that_becomes_a_link_while_we_read_is_not_followed(make_tree: Tree, tmp_path: Path) -> None:
    root = make_tree({f"{number:02}.txt": f"Text {number}." for number in range(60)})
    (tmp_path / "secret.txt").write_text("secret")
    items = read_files(root, "shop")
    next(items)
    (root / "59.txt").unlink()
    (root / "59.txt").symlink_to(tmp_path / "secret.txt")
    (root / "58.txt").unlink()
    *others, gone, link = items
    assert all(isinstance(item, Document) for item in others)
    assert isinstance(gone, Failure)
    assert isinstance(link, Failure)
    assert "link" in link.reason


def test_one_file_can_be_named_even_through_a_link(folder: Path) -> None:
    [item] = read_files(folder / "returns.md", "shop")
    assert (item.key, type(item)) == ("shop:returns.md", Document)
    (folder / "named.md").symlink_to("returns.md")
    [item] = read_files(folder / "named.md", "shop")
    assert (item.key, type(item)) == ("shop:named.md", Document)


def test_a_folder_can_be_named_through_a_link_or_with_dots(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(folder, target_is_directory=True)
    for root in (tmp_path / "other", folder / "deep" / ".."):
        assert [item.key for item in read_files(root, "shop")] == [f"shop:{name}" for name in READABLE]


def test_a_named_file_of_no_known_kind_is_a_failure_with_a_reason(folder: Path) -> None:
    [item] = read_files(folder / "ignored.exe", "shop")
    assert item == Failure("shop:ignored.exe", str(folder / "ignored.exe"), "no parser for .exe")


def test_a_named_pipe_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    [item] = read_files(tmp_path / "pipe.txt", "shop")
    assert isinstance(item, Failure)


def test_the_rows_of_a_table_are_documents(make_tree: Tree) -> None:
    root = make_tree({"faq.csv": "id,text\nb,Second.\na,First.\na,Again.\n,Nameless.\nc,\n"})
    options = ParserOptions(columns=Columns(("text",), id="id"))
    items = list(read_files(root, "shop", options=options))
    keys = [item.key for item in items if isinstance(item, Document)]
    assert len(keys) == len(set(keys)) == 4
    assert all(key.startswith("shop:faq.csv#") for key in keys)
    assert {"shop:faq.csv#a", "shop:faq.csv#b"} <= set(keys)


def test_a_name_that_is_not_utf8_costs_nothing(make_tree: Tree) -> None:
    root = make_tree({"a.txt": "Text."})
    try:
        (root / os.fsdecode("возврат.txt".encode("cp1251"))).write_text("Text below an old name.")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    items = list(read_files(root, "shop"))
    assert [type(item) for item in items] == [Document, Document]
    assert all(f"{item.key}{item.title}{item.source}".isascii() for item in items)


@pytest.mark.parametrize("empty", [True, False])
def test_nothing_to_read_is_an_error(tmp_path: Path, empty: bool) -> None:
    root = tmp_path / "nothing"
    if empty:
        (root / "sub").mkdir(parents=True)
    with pytest.raises(CorpusError, match="no document here" if empty else "no such file"):
        find_files(root)
