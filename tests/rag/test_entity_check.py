"""An answer about another entity than the question's is caught, in both languages."""

import sys

import pytest

from rag.entity_check import check_entities

# question, answer, whether the answer is about another entity
ENGLISH = [
    ("What is the exchange rate of the euro?", "The dollar costs 92 roubles today [1].", True),
    ("What is the exchange rate of the euro?", "The euro costs 100 roubles today [1].", False),
    ("What is the exchange rate of the euro?", "It costs 100 roubles [1].", False),
    ("How many yen is one pound sterling worth?", "One franc is worth 170 roubles.", True),
    ("What is the capital of France?", "The capital of Germany is Berlin [2].", True),
    ("What is the capital of France?", "Paris.", False),
    ("What is the capital of France?", "Paris is the capital of France [1].", False),
    ("What is the population of Brazil?", "Argentina has 46 million inhabitants [1].", True),
    ("What is the population of Brazil?", "It has 214 million inhabitants, more than Argentina [1].", False),
    ("When did Russia join the WTO?", "Russia joined in 2012, after talks with the United States.", False),
    ("When was Mozart born?", "Beethoven was born in 1770 in Bonn.", True),
    ("When was Mozart born?", "He was born in 1756 in Salzburg.", False),
    ("When was Wolfgang Amadeus Mozart born?", "Mozart was born in 1756.", False),
    (
        "What did Einstein receive the Nobel Prize for?",
        "Niels Bohr received it for the model of the atom.",
        True,
    ),
    ("Who wrote War and Peace?", "Leo Tolstoy wrote it in 1869.", False),
    ("What changed in Python 3.11?", "Python 3.12 improved error messages [1].", True),
    ("What changed in Python 3.11?", "Python 3.11 is up to 60% faster than Python 3.10 [1].", False),
    ("How much does the iPhone 14 weigh?", "The iPhone 15 weighs 171 grams.", True),
    ("How much does the iPhone 14 weigh?", "The iPhone 14 weighs 172 grams.", False),
    ("What does article 81 say about dismissal?", "Article 80 lets an employee resign [1].", True),
    (
        "What does article 81 say about dismissal?",
        "Under article 81 the employer may dismiss staff [1].",
        False,
    ),
    ("What were the sales in 2023?", "In 2022 the sales were 5 million euros [1].", True),
    ("What were the sales in 2023?", "In 2023 the sales rose to 6 million, from 5 million in 2022.", False),
    ("What has changed since 2020?", "In 2021 the fee was raised [1].", False),
    ("When was the company founded?", "The company was founded in 1998.", False),
    ("How do I reset my password?", "Open the settings and choose Security [1].", False),
    ("How do I install PostgreSQL?", "Use the package manager of Ubuntu [1].", False),
    ("How do I install PostgreSQL?", "MySQL is installed with the package manager [1].", True),
    ("What does express delivery to Germany cost?", "Delivery to Spain costs ten euros [1].", True),
    ("What does express delivery to Germany cost?", "Express delivery costs ten euros [1].", False),
    ("Which country borders Portugal?", "Spain borders Portugal [1].", False),
    ("Where was Tesla born?", "He was born in Smiljan [1].", False),
    ("How do I fill in form 12?", "Form 14 is filled in by the accountant.", True),
    ("What are the opening hours in Boston?", "In Chicago the museum opens at ten.", True),
    ("How many people work at Google?", "Microsoft has 221,000 employees.", True),
    ("How many people work at Google?", "About 180,000 people, fewer than at Microsoft.", False),
]
RUSSIAN = [
    ("Какой сегодня курс евро?", "Курс доллара составляет 92 рубля [1].", True),
    ("Какой сегодня курс евро?", "Евро стоит 100 рублей [1].", False),
    ("Какой сегодня курс евро?", "Он составляет 100 рублей [1].", False),
    ("Сколько стоит юань?", "Иена подорожала до 60 копеек.", True),
    ("Какой город — столица Франции?", "Столица Германии — Берлин [2].", True),
    ("Какой город — столица Франции?", "Париж.", False),
    ("Какой город — столица Франции?", "Столицей Франции является Париж [1].", False),
    ("Сколько жителей в Бразилии?", "В Аргентине живёт 46 миллионов человек [1].", True),
    ("Сколько жителей в Бразилии?", "Там живёт 214 миллионов человек, больше, чем в Аргентине.", False),
    ("Когда Россия вступила в ВТО?", "Россия вступила в 2012 году, после переговоров с США.", False),
    ("Когда родился Пушкин?", "Лермонтов родился в 1814 году в Москве.", True),
    ("Когда родился Пушкин?", "Он родился в 1799 году в Москве.", False),
    ("Когда родился Александр Пушкин?", "Пушкин родился в 1799 году.", False),
    ("За что Эйнштейн получил Нобелевскую премию?", "Нильс Бор получил её за модель атома.", True),
    ("Кто написал «Войну и мир»?", "Лев Толстой написал этот роман в 1869 году.", False),
    ("Что нового в Python 3.11?", "В Python 3.12 улучшены сообщения об ошибках [1].", True),
    ("Что нового в Python 3.11?", "Python 3.11 быстрее, чем Python 3.10 [1].", False),
    ("Сколько весит iPhone 14?", "Телефон iPhone 15 весит 171 грамм.", True),
    ("Сколько весит iPhone 14?", "Масса iPhone 14 — 172 грамма.", False),
    ("Что сказано в статье 81 об увольнении?", "Статья 80 позволяет работнику уволиться [1].", True),
    (
        "Что сказано в статье 81 об увольнении?",
        "По статье 81 работодатель может уволить работника [1].",
        False,
    ),
    ("Какими были продажи в 2023 году?", "В 2022 году продажи составили 5 миллионов [1].", True),
    ("Какими были продажи в 2023 году?", "В 2023 году они выросли до 6 миллионов с 5 в 2022 году.", False),
    ("Что изменилось после 2020 года?", "В 2021 году повысили плату [1].", False),
    ("Когда основана компания?", "Компания основана в 1998 году.", False),
    ("Как сбросить пароль?", "Откройте настройки и выберите раздел «Безопасность» [1].", False),
    ("Как установить PostgreSQL?", "Воспользуйтесь менеджером пакетов Ubuntu [1].", False),
    ("Как установить PostgreSQL?", "MySQL устанавливается менеджером пакетов [1].", True),
    ("Сколько стоит доставка в Германию?", "Доставка в Испанию стоит десять евро [1].", True),
    ("Сколько стоит доставка в Германию?", "Срочная доставка стоит десять евро [1].", False),
    ("Какая страна граничит с Португалией?", "С Португалией граничит Испания [1].", False),
    ("Где родился Тесла?", "Он родился в Смиляне [1].", False),
    ("Как заполнить форму 12?", "Форму 14 заполняет бухгалтер.", True),
    ("В какие часы работает музей в Казани?", "В Самаре музей открывается в десять.", True),
    ("Сколько человек работает в Сбербанке?", "В Газпроме работает полмиллиона человек.", True),
    ("Сколько человек работает в Сбербанке?", "Около 280 тысяч, меньше, чем в Газпроме.", False),
]


@pytest.mark.parametrize(("language", "cases"), [("en", ENGLISH), ("ru", RUSSIAN)])
def test_precision_and_recall_on_the_table(
    language: str, cases: list[tuple[str, str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    flagged = [bool(check_entities(question, answer, language)) for question, answer, _ in cases]
    wrong = [wanted for *_, wanted in cases]
    right = sum(one and other for one, other in zip(flagged, wrong, strict=True))
    precision, recall = right / sum(flagged), right / sum(wrong)
    with capsys.disabled():
        sys.stdout.write(
            f"\nentity check, {language}: precision {precision:.2f}, recall {recall:.2f} of {len(cases)}\n"
        )
    mistakes = [case for case, said in zip(cases, flagged, strict=True) if said != case[2]]
    assert precision >= 0.95, mistakes
    assert recall >= 0.85, mistakes


def test_a_mismatch_says_both_sides() -> None:
    [found] = check_entities("Какой курс евро?", "Доллар стоит 92 рубля.", "ru")
    assert found.reason == "asked about евро, answered about доллар"


@pytest.mark.parametrize("answer", ["", "   ", "Да."])
def test_an_answer_without_entities_is_never_flagged(answer: str) -> None:
    assert check_entities("Какой курс евро?", answer, "ru") == []


def test_a_question_without_entities_is_never_flagged() -> None:
    assert check_entities("How does it work?", "The dollar works.", "en") == []
