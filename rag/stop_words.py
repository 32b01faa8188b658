"""List the function words of Russian and English: the words of grammar that every sentence is built with.

The lists of libraries (stopwordsiso, stop-words) will not do to tell prose from menus: their English one
holds `home`, `click`, `computer` and the country codes, their Russian one `вода` and `человек`.
"""

from __future__ import annotations

RUSSIAN = frozenset(
    """
    а без более бы был была были было быть в вам вами вас ведь весь во вот все всего всей всем всех всю вся вы
    где да даже для до его ее ей ему если есть еще же за здесь и из или им ими их к как какие какой ко когда
    кого которая которого которое которой котором которую которые который которых кто ли либо лишь между меня
    мне может можно мой мы на над нас наш не него нее ней нет ни них но о об однако он она они оно от перед по
    под после потому почти при про с сам сами свои своего своей своих свою себе себя со так также такая такие
    такого такое такой там те тем то тогда того тоже той только том тому тот ты у уже хотя чего чем через что
    чтобы эта эти этим этих это этого этой этом этот эту я является являются
    """.split()  # noqa: SIM905
)

ENGLISH = frozenset(
    """
    a about above after all also although am an and any are as at be because been before being below between
    both but by can cannot could did do does during each either for from had has have having he her here him
    his how however i if in into is it its itself may might more most must my neither no nor not of off on
    once one only or other our out over same shall she should since so some such than that the their them then
    there these they this those through thus to too under until up upon us very was we were what when where
    whether which while who whose why will with within without would you your
    """.split()  # noqa: SIM905
)

FUNCTION_WORDS = {"ru": RUSSIAN, "en": ENGLISH}
"""The function words by language, in lower case, ё written as е."""


def function_words(language: str) -> frozenset[str]:
    """Return the function words of a language; of an unknown one, those of both."""
    return FUNCTION_WORDS.get(language, RUSSIAN | ENGLISH)
