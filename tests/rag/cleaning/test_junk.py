from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cleaning.junk import WEIGHTS, JunkClassifier
from rag.language import detect_language


@pytest.fixture(scope="module")
def classifier() -> JunkClassifier:
    return JunkClassifier.load()


GOOD = {
    "returns": "Вы можете вернуть товар в течение четырнадцати дней со дня доставки. "
    "Деньги приходят на карту.",
    "delivery": "We deliver to Germany, France and Spain within five working days. "
    "Express delivery costs ten euros.",
    "price list": "| Товар | Цена, ₽ | Срок |\n|---|---|---|\n| Ноутбук 14 | 54 990 | 3 дня |\n"
    "| Мышь | 990 | 1 день |\n| Монитор 27 | 21 300 | 5 дней |\n| Кабель | 490 | 1 день |",
    "csv": "Name,City,Amount,Date\nIvanov,Moscow,1200,2024-01-02\nPetrov,Kazan,300,2024-01-05\n"
    "Sidorov,Perm,4500,2024-02-01\n",
    "code": "To read a file, write:\n\n    with open(path) as file:\n        for line in file:\n"
    "            print(line)\n\nThe file is closed when the block ends.",
    "how to sign in": "Как войти в личный кабинет\n\n1. Откройте сайт и нажмите «Войти».\n"
    "2. Введите номер телефона и пароль.\n3. Нажмите «Забыли пароль?», если не помните его.",
    "about cookies": "We use cookies to remember your session. This page explains which "
    "cookies the service sets, "
    "how long they live and how you can delete them. The session cookie lives for one hour.",
    "specification": "Модель: X200\nВес: 1,2 кг\nЭкран: 13,3 дюйма\nПроцессор: Core i5\nПамять: 8 ГБ\n"
    "Батарея: до 10 часов",
    "verse": "Мой дядя самых честных правил,\nКогда не в шутку занемог,\nОн уважать себя заставил\n"
    "И лучше выдумать не мог.",
}
JUNK = {
    "menu": "Главная\nКаталог\nДоставка\nКонтакты\nО "
    "компании\nВойти\nКорзина\nИзбранное\nАкции\nОтзывы\nВакансии",
    "footer": "© 2020 ООО «Ромашка» Все права защищены | Политика конфиденциальности "
    "| Карта сайта | Мы в соцсетях",
    "cookies": "We use cookies. Accept all\nReject all\nManage preferences\nPrivacy "
    "policy\nCookie settings\nClose",
    "mojibake": "Вы можете вернуть товар в течение четырнадцати дней со дня доставки".encode().decode(
        "cp1251", "replace"
    ),
    "mashed keys": "фывапр олджэй фыв апролд жэфывап рол ылдвоа фждлыо вапжд лоывапл джфыл оварп лдфы вап",
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAUA9TXL0Y4OHwAAAABJRU5ErkJggg3C7r9Qx2bV8eJ1kLmN4oPqRsTuVwXyZ0" * 4,
    "script": "!function(e,t){var n=e.document;return n.body||(t=function(){return "
    "1}),t}(window,function(){});" * 5,
    "repeated": "Подпишитесь на наши новости прямо сейчас.\n" * 30,
    "keywords": "buy shoes cheap, shoes price, shoes online, best shoes 2024, shoes "
    "free shipping, shoes sale, "
    "cheap shoes near me, order shoes online, shoes wholesale, shoes 50% off, buy now shoes",
}


@pytest.mark.parametrize("name", GOOD)
def test_good_texts_are_kept(classifier: JunkClassifier, name: str) -> None:
    verdict = classifier.judge(GOOD[name], detect_language(GOOD[name]))
    assert not verdict.is_junk, verdict


@pytest.mark.parametrize("name", JUNK)
def test_junk_is_dropped_with_a_reason(classifier: JunkClassifier, name: str) -> None:
    verdict = classifier.judge(JUNK[name], detect_language(JUNK[name]))
    assert verdict.is_junk, verdict
    assert verdict.reason


def test_the_reason_names_what_is_wrong(classifier: JunkClassifier) -> None:
    assert "repeat" in classifier.judge(JUNK["repeated"], "ru").reason
    assert (
        "encoded" in classifier.judge(JUNK["base64"], "en").reason
        or "space" in classifier.judge(JUNK["base64"], "en").reason
    )


@pytest.mark.parametrize("text", ["", " \n\t", "12 345 — 67", "!!!"])
def test_texts_without_a_letter_are_junk(classifier: JunkClassifier, text: str) -> None:
    assert classifier.judge(text, "en") == (True, 1.0, "it has no letters")


def test_a_short_answer_is_never_junk(classifier: JunkClassifier) -> None:
    assert not classifier.judge("Да, до 18:00.", "ru").is_junk
    assert classifier.judge("привет", "ru").reason == "it is too short to judge"


@settings(max_examples=150, deadline=None)
@given(st.text(), st.sampled_from(["ru", "en", "de", ""]))
def test_any_text_gets_a_probability_and_a_reason(text: str, language: str) -> None:
    verdict = JunkClassifier.load().judge(text, language)
    assert 0 <= verdict.probability <= 1
    assert verdict.reason


@pytest.mark.parametrize(
    "unit", ["a", "a-", "a.b@", "<", "(a", "0x", "Р", "\ufffd", "[a ", "х ", "\n", "\udc80a"]
)
def test_no_text_stalls_the_batch(classifier: JunkClassifier, unit: str) -> None:
    started = time.process_time()
    classifier.judge(unit * 30_000 + "a", "en")
    assert time.process_time() - started < 5


def test_a_huge_text_is_sampled(classifier: JunkClassifier) -> None:
    started = time.process_time()
    assert classifier.judge("слово и дело. " * 3_000_000, "ru").is_junk
    assert time.process_time() - started < 10


def test_weights_of_other_measures_are_refused(tmp_path: Path) -> None:
    stored = json.loads(WEIGHTS.read_text("utf-8"))
    stored["features"][0]["name"] = "another"
    (tmp_path / "junk.json").write_text(json.dumps(stored), "utf-8")
    with pytest.raises(ValueError, match="train_junk"):
        JunkClassifier.load(tmp_path / "junk.json")


def test_the_shipped_weights_tell_how_well_they_were_measured() -> None:
    stored = json.loads(WEIGHTS.read_text("utf-8"))
    assert stored["trained"]
    for language in ("ru", "en"):
        figures = stored["out of fold"][language]
        assert figures["good passages dropped"] <= 0.005
        assert figures["recall of seen kinds"] >= 0.85
        assert figures["precision"] >= 0.95


def test_what_people_write_in_forums_is_kept(classifier: JunkClassifier, shared_data: Path) -> None:
    """Texts of a data set that the weights were not trained on."""
    import gzip

    with gzip.open(
        shared_data / "convincing_arguments" / "arguments.jsonl.gz", "rt", encoding="utf-8"
    ) as lines:
        texts = [json.loads(line)["text"] for line in lines]
    dropped = [classifier.judge(text, "en").is_junk for text in texts]
    assert np.mean(dropped) <= 0.01
