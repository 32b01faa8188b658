"""Say what stands on a report page in Russian or English; the English text is the key.

The screens have catalogues of their own; this one is small enough to be read as a table.
"""

from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("en", "ru")

RUSSIAN: Final = {
    # the run
    "outcome": "итог",
    "training": "обучение",
    "evaluation": "оценка",
    "rows": "строки",
    "samples": "образцы",
    "recipe": "рецепт",
    "Not finished.": "Не завершён.",
    "Figures of the run": "Показатели прогона",
    "figure": "показатель",
    "value": "значение",
    "value [95 % interval]": "значение [интервал 95 %]",
    "pairs": "пары",
    "share of pairs": "доля пар",
    "steps": "шаги",
    "step": "шаг",
    "loss": "потери",
    "margin": "отрыв",
    "time": "время",
    "{seconds} s": "{seconds} с",
    "peak memory": "память, наибольшая",
    "{megabytes} MB": "{megabytes} МБ",
    "weights": "веса",
    "weights of the base": "веса основы",
    "snapshot": "снимок",
    "Training": "Обучение",
    "{y} by {x}": "{y}; по горизонтали: {x}",
    "Rows": "Строки",
    "hash": "хеш",
    "split": "разделение",
    "behind the rows: {name}": "за строками стоят: {name}",
    "left out: {why}": "не взяты: {why}",
    "none": "нет",
    "compared with": "сверено с",
    "{test}, {texts} texts, by {ways}": "{test}, текстов {texts}, способы: {ways}",
    "too long, {side}": "слишком длинные, {side}",
    (
        "{dropped} of {rows} rows ({chosen} by the chosen, {rejected} by the rejected side; "
        "limit {limit} tokens)"
    ): (
        "{dropped} из {rows} строк (по выбранной стороне {chosen}, по отвергнутой {rejected}; "
        "предел {limit} токенов)"
    ),
    "Rows as the model reads them": "Строки, как их читает модель",
    "Recipe": "Рецепт",
    "key": "ключ",
    # the balance of rows
    "{side}: {rows} rows of {questions} questions": "{side}: строк {rows}, вопросов {questions}",
    "the chosen answer is the longer one in {share}": "выбранный ответ длиннее в {share}",
    "votes by the place of the answer they prefer: {parts}": (
        "голоса по месту, на котором был показан лучший ответ: {parts}"
    ),
    "{name}: {median} characters (median), {least}-{most}, 95 % up to {p95}": (
        "{name}: знаков {median} (медиана), {least}–{most}, у 95 % до {p95}"
    ),
    # held-out accuracy
    "Held-out accuracy": "Точность на отложенных парах",
    "by": "по",
    "slice": "срез",
    "accuracy": "точность",
    "accuracy [95 % interval]": "точность [интервал 95 %]",
    "people agree": "согласие людей",
    "accuracy; orange: how far people agree": "точность; оранжевым: насколько согласны люди",
    "Correlation of the score with length (Spearman): {value}.": (
        "Корреляция оценки с длиной (Спирмен): {value}."
    ),
    "Calibration": "Калибровка",
    "confidence": "уверенность",
    "pairs by confidence": "пары по уверенности",
    # over-optimisation
    "Over-optimisation: best of n": "Переоптимизация: лучший из n",
    "KL bound (nats)": "граница KL (наты)",
    "proxy reward": "награда модели",
    "gold reward": "истинная награда",
    "reward (sd)": "награда (ст. откл.)",
    "proxy": "модель",
    "gold": "истинная",
    "The gold reward is highest at n = {n}.": "Истинная награда наибольшая при n = {n}.",
    # win rate
    "Win rate over the champion": "Доля побед над чемпионом",
    "{wins} wins, {ties} ties, {losses} losses; answers {longer} characters longer in the mean.": (
        "Побед {wins}, ничьих {ties}, поражений {losses}; ответы длиннее в среднем на {longer} знаков."
    ),
    "win rate": "доля побед",
    "with length held equal": "при равной длине",
    "judge {name}": "судья {name}",
    # changes
    "Behaviour: refusals and citations": "Поведение: отказы и ссылки",
    "Regressions on the frozen general set": "Ухудшения на замороженном общем наборе",
    "before": "до",
    "after": "после",
    "change [95 % interval]": "изменение [интервал 95 %]",
    # names of what a run measures or keeps
    "all": "все",
    "language": "язык",
    "languages": "языки",
    "cluster": "группа",
    "clusters": "группы",
    "aspect": "аспект",
    "margins": "перевес",
    "train": "обучение",
    "test": "проверка",
    "dropped": "отброшено",
    "chosen": "выбранный",
    "rejected": "отвергнутый",
    "prompt": "запрос",
    "completion": "ответ",
    "query": "вопрос",
    "positive": "подходящий текст",
    "negative": "неподходящий текст",
    "text": "текст",
    "first": "первое",
    "second": "второе",
    "judgements": "оценки",
    "assessors": "оценщики",
    "guidelines": "инструкции",
    "indexes": "индексы",
    "leaks": "утечки",
    "selection": "отбор",
    "exact": "точно",
    "words": "слова",
    "meaning": "смысл",
    "question": "вопросам",
    "document": "документам",
    "question and group of near duplicates, by words and by meaning": (
        "вопросам и группам почти одинаковых, по словам и по смыслу"
    ),
    "test_share": "доля проверки",
    "test_from": "проверка с",
    "temperature": "температура",
    "ece": "ошибка калибровки (ECE)",
    "brier": "ошибка Брайера",
    "ece scaled": "ECE после поправки",
    "brier scaled": "ошибка Брайера после поправки",
    "refusals": "отказы",
    "refused": "отказано",
    "right to answer": "верно решено, отвечать ли",
    "citations": "ссылки",
    "citation precision": "точность ссылок",
    "citation recall": "полнота ссылок",
    "support": "опора на источники",
    "length": "длина",
    "repetition": "повторы",
    "loss a token": "потери на токен",
}


@dataclass(frozen=True)
class Speech:
    """Speak one language, `en` or `ru`."""

    language: str = "en"

    def __call__(self, text: str, **values: object) -> str:
        """Return a text with its values filled in. Raises KeyError for one without a translation."""
        return (RUSSIAN[text] if self.language == "ru" else text).format(**values)

    def name(self, name: str) -> str:
        """Return the word for what a file names, or the name itself where there is none."""
        return RUSSIAN.get(name, name) if self.language == "ru" else name

    @property
    def between(self) -> str:
        """Return what parts two numbers: where the comma is the decimal point it cannot part them."""
        return "; " if self.language == "ru" else ", "

    def decimal(self, value: float, digits: int) -> str:
        """Return a number with exactly so many decimals."""
        return self._pointed(f"{value:.{digits}f}")

    def number(self, value: float) -> str:
        """Return a number as short as it goes."""
        return self._pointed(f"{value:g}")

    def percent(self, share: float) -> str:
        """Return a share of one as per cent, without decimals."""
        return f"{share:.0%}".replace("%", " %" if self.language == "ru" else "%")

    def _pointed(self, digits: str) -> str:
        return digits.replace(".", ",") if self.language == "ru" else digits
