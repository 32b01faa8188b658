"""A report page says everything in Russian and in English, and its figures likewise."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

import training
from training.evaluation.changes import measure_changes
from training.evaluation.over_optimisation import over_optimisation
from training.evaluation.records import measure_held_out, record_evaluation
from training.evaluation.report import REPORT_FILES, write_report
from training.evaluation.scores import write_scores
from training.evaluation.texts import LANGUAGES, RUSSIAN, Speech
from training.evaluation.win_rates import win_rate_of
from training.metrics import Interval
from training.results import Result, write_result
from training.rows import PreferenceRow
from training.snapshots import Origin, freeze

Make = Callable[..., list[PreferenceRow]]
SPEAKING = ("evaluation/report.py", "evaluation/sections.py", "evaluation/plots.py", "snapshots/balance.py")


def said() -> set[str]:
    """Collect the texts that the modules give to their speech as they stand in the source."""
    found = set()
    for name in SPEAKING:
        tree = ast.parse((Path(training.__file__).parent / name).read_text("utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("speech"):
                found |= {one.value for one in call.args if isinstance(one, ast.Constant)}
    return found


def test_every_text_has_a_translation_with_the_same_values() -> None:
    texts = said()
    assert len(texts) > 30
    assert texts <= RUSSIAN.keys()
    for english, russian in RUSSIAN.items():
        assert fields(english) == fields(russian), english
        assert re.search("[А-я]", russian), english


def fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_numbers_are_written_as_the_language_does() -> None:
    english, russian = (Speech(language) for language in LANGUAGES)
    assert (english.decimal(0.5, 3), russian.decimal(0.5, 3)) == ("0.500", "0,500")
    assert (english.number(1.5), russian.number(1.5)) == ("1.5", "1,5")
    assert (english.percent(0.25), russian.percent(0.25)) == ("25%", "25 %")
    assert russian.name("a cluster of somebody") == "a cluster of somebody"
    with pytest.raises(KeyError):
        russian("Nobody translated this")


@pytest.fixture
def pages(tmp_path: Path, make_rows: Make) -> dict[str, str]:
    """The pages of a run that left everything a page can show."""
    folder, rng = tmp_path / "0007-reward", np.random.default_rng(0)
    origin = Origin({"by": "question"}, [{"test": "exam", "texts": 3, "by": ["exact"]}], {"leaks": ["row-9"]})
    freeze(folder / "snapshot", PreferenceRow, make_rows(8), make_rows(12, first=20), origin)
    (folder / "run.json").write_text(json.dumps({"recipe": {"kind": "reward"}, "snapshot": "s"}))
    lengths = {"dropped": [], "rows": 8, "chosen_over": 0, "rejected_over": 0, "max_length": 64}
    (folder / "lengths.json").write_text(json.dumps({"train": lengths}))
    (folder / "samples.json").write_text(json.dumps([{"id": "row-0", "chosen": "<|im_start|>"}]))
    steps = [{"event": "step", "step": n, "loss": 1 / n, "margin": n / 2} for n in (1, 2, 3)]
    (folder / "progress.jsonl").write_text("\n".join(map(json.dumps, steps)))
    write_scores(folder, make_rows(12, first=20), rng.normal(1, 1, 12), rng.normal(0, 1, 12))
    measure_held_out(folder)
    curve = over_optimisation(rng.normal(size=(9, 4)), rng.normal(size=(9, 4)), rng)
    record_evaluation(folder, "over_optimisation", curve)
    wins = win_rate_of(rng.random(9), rng.random(9), rng.random(9), range(9), rng)
    record_evaluation(folder, "win_rate", wins)
    changes = measure_changes(
        {"citation_recall": [0.0, 1.0]}, {"citation_recall": [0.0, 0.5]}, ["a", "b"], rng
    )
    record_evaluation(folder, "behaviour", changes)
    figures = {"test_accuracy": Interval(0.75, 0.5, 0.9, 12)}
    counts = {"train": 8, "test": 12, "dropped": 0}
    write_result(
        folder, Result("reward", counts, [], 3, 1.0, 0.3, figures, "model", "f", "b", "s", 1.5, 300.0)
    )
    write_report(folder)
    return {language: (folder / name).read_text("utf-8") for language, name in REPORT_FILES.items()}


def test_both_pages_show_the_same(pages: dict[str, str]) -> None:
    english, russian = pages["en"], pages["ru"]
    for mark in ("<h2", "<tr", "<td", "<svg", "<circle", "<p"):
        assert english.count(mark) == russian.count(mark) > 0, mark
    assert '<html lang="en">' in english
    assert '<html lang="ru">' in russian
    assert "0.750 [0.500, 0.900]" in english
    assert "0,750 [0,500; 0,900]" in russian
    for wanted in ("Точность на отложенных парах", "Калибровка", "полнота ссылок", "обучение: строк 8"):
        assert wanted in russian
    assert not re.search("[а-я]", english)


def test_the_russian_page_holds_no_english_words_but_names(pages: dict[str, str]) -> None:
    shown = re.sub(
        r"(?s)<style.*?</style>|<meta[^>]*>|<title.*?</title>|<pre>(?!\w*обуч).*?</pre>|<[^>]*>",
        " ",
        pages["ru"],
    )
    words = set(re.findall(r"(?<![\w.<|-])[a-z][a-z_]{3,}(?![\w|>])", shown))
    assert words <= {"reward", "exam", "test_accuracy", "kind", "seed"}, words
