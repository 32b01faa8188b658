"""Which sentence of a passage supports a sentence."""

from annotate.api.evidence import Evidence, read_sentences
from annotate.labelling.controls.corruption.texts import split

RENT = (
    "Залог возвращается в течение 14 дней после передачи ключей. Наймодатель вправе удержать из него "
    "стоимость ремонта повреждений, кроме естественного износа."
)
SLOTS = (
    "Without a __dict__ variable, instances cannot be assigned new variables. The space saved over "
    "using __dict__ can be significant."
)


def evidence(*passages: str) -> Evidence:
    return Evidence([read_sentences(split(passage)) for passage in passages])


def test_the_sentence_that_shares_the_rare_words_supports():
    found = evidence(RENT, SLOTS)
    assert found.best("Залог вернут за 14 дней [1].", 0) == 0
    assert found.best("Из залога удерживают ремонт повреждений [1].", 0) == 1
    assert found.best("It saves significant space [2].", 1) == 1


def test_numbers_tell_sentences_apart():
    found = evidence("The fee is 10 euros. The fee is 25 euros.")
    assert found.best("You pay 25 euros.", 0) == 1


def test_what_shares_nothing_is_supported_by_nothing():
    assert evidence(RENT).best("Bananas are yellow.", 0) == -1
    assert evidence("").best("Bananas are yellow.", 0) == -1


def test_only_sentences_beyond_the_passages_are_weak():
    found = evidence(RENT)
    assert not found.is_weak("Залог возвращается в течение 14 дней [1].", [0])
    assert found.is_weak("Квартиру обычно сдают вместе с мебелью [1].", [0])
    assert found.is_weak("Квартиру обычно сдают вместе с мебелью.", [])
    assert not found.is_weak("[1]", [0])
