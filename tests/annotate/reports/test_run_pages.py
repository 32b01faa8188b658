"""A run's page is shown in the reader's language, or in English where an older run left no other."""

from __future__ import annotations

from pathlib import Path

from annotate.reports.run_files import PAGES, find_page, read_page
from training.evaluation.report import REPORT_FILES, write_report


def test_a_page_is_found_in_the_language_asked_for(tmp_path: Path) -> None:
    assert find_page(tmp_path, "ru") is None
    assert read_page(tmp_path, "en") is None
    write_report(tmp_path)
    assert PAGES == REPORT_FILES
    assert "Не завершён." in (read_page(tmp_path, "ru") or "")
    assert "Not finished." in (read_page(tmp_path, "en") or "")
    (tmp_path / PAGES["ru"]).unlink()
    for language in ("ru", "de"):
        assert "Not finished." in (read_page(tmp_path, language) or "")
