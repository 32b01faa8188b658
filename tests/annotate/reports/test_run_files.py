"""What a run leaves in its folder."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from annotate.reports import read_log, read_samples, read_steps
from annotate.reports.run_files import LOG_BYTES, read_last_progress


def test_steps_done_twice_after_a_resume_count_once_and_the_later_line_holds(tmp_path: Path) -> None:
    lines = [
        {"stage": "started"},
        *({"step": n, "loss": loss} for n, loss in ((1, 0.7), (2, 0.6), (2, 0.5), (3, 0.4))),
    ]
    (tmp_path / "progress.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert [(line["step"], line["loss"]) for line in read_steps(tmp_path)] == [(1, 0.7), (2, 0.5), (3, 0.4)]


def test_the_last_line_is_found_without_reading_the_whole_file(tmp_path: Path) -> None:
    lines = [{"step": n, "note": "й" * 60} for n in range(200)]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (tmp_path / "progress.jsonl").write_text(f'{text}\n{{"step": 200, "lo', "utf-8")
    assert read_last_progress(tmp_path)["step"] == 199
    assert read_last_progress(tmp_path / "none") == {}


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=9), max_size=12
    )
)
def test_a_log_read_piece_by_piece_is_the_whole_log(pieces: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder, read, offset = Path(name), "", 0
        for piece in pieces:
            with (folder / "run.log").open("a", encoding="utf-8", newline="") as log:
                log.write(f"{piece}\nhalf of {piece}")
            part = read_log(folder, offset)
            read, offset = read + part.text, part.offset
        whole = (folder / "run.log").read_text("utf-8") if pieces else ""
        assert read == whole[: whole.rfind("\n") + 1]


def test_of_a_long_log_the_last_whole_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text("".join(f"line {n}\n" for n in range(20_000)), "utf-8")
    part = read_log(tmp_path)
    assert part.text.startswith("line ")
    assert part.text.endswith("line 19999\n")
    assert LOG_BYTES - 20 < len(part.text) <= LOG_BYTES
    assert read_log(tmp_path, part.offset).text == ""


def test_samples_that_are_missing_or_broken_are_none(tmp_path: Path) -> None:
    assert read_samples(tmp_path) == []
    (tmp_path / "samples.json").write_text("[{", "utf-8")
    assert read_samples(tmp_path) == []
