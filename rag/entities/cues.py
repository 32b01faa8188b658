"""List the English words that betray a name or its kind."""

from __future__ import annotations

TITLES = frozenset(
    """
    mr mrs ms miss dr prof professor sir lady lord dame president chancellor minister senator governor
    mayor king queen prince princess duke emperor pope bishop archbishop cardinal saint reverend general
    colonel captain admiral judge justice ceo chairman secretary ambassador coach
    """.split()  # noqa: SIM905
)
LEGAL_FORMS = frozenset(
    """
    inc ltd llc corp corporation plc gmbh ag sa co company limited incorporated
    """.split()  # noqa: SIM905
)
ORGANISATION_WORDS = LEGAL_FORMS | frozenset(
    """
    agency association authority bank board bureau college commission committee conference congress
    council court department federation foundation fund group institute institution league ministry
    museum organisation organization parliament party police senate school society team union university
    nations united
    airlines airways studios records press laboratory laboratories labs academy church orchestra army
    navy administration chamber trust times post journal
    """.split()  # noqa: SIM905
)
PLACE_WORDS = frozenset(
    """
    river lake mount mountain mountains street avenue road square island islands ocean sea bay gulf
    valley county park bridge airport city town village desert forest peninsula canyon beach harbour
    harbor port station stadium castle palace tower province district region republic kingdom strait
    cape coast hills boulevard north south east west northern southern eastern western
    """.split()  # noqa: SIM905
)
PLACE_PREPOSITIONS = frozenset(("in", "near", "to", "towards", "outside", "across"))
WORDING = frozenset(("according", "coded", "developed", "implemented", "programmed", "thanks", "written"))
PERSON_VERBS = frozenset(
    """
    said says wrote writes argued argues believed believes born told claimed announced thought
    invented discovered married died proposed explained replied added noted suggested founded led won
    painted composed sang played directed became joined resigned argued met designed developed
    """.split()  # noqa: SIM905
)
GIVEN_NAMES = frozenset(
    """
    abraham ada adam agatha agnes aisha alan albert albrecht alex alexander alexandra alfred ali alice
    alicia alison amanda amelia amir amy anastasia andre andrea andres andrew angela angelina anita ann
    anna anne anthony anton antonio ariana arthur astrid augusto barack barbara beatrice ben benito
    benjamin bernard bernie bertrand bill bob boris brian bruce bruno camille carl carlos carol caroline
    catherine cecilia cesar charles charlotte chloe chris christian christine christopher claire claude
    claudia connor craig daniel david deborah dennis diana diego dmitri dmitry donald donna dorothy
    douglas edgar edith edmund eduardo edward edwin eleanor elena elizabeth ella ellen elon emil emily
    emma emmanuel enrico eric erik ernest erwin esther ethan eugene eva fatima felix ferdinand fernando
    fiona francesco francis francisco frank franklin franz frederick friedrich gabriel gareth gary gavin
    geoffrey georg george gerald gerhard giovanni giuseppe gloria gordon grace graham greg guillermo
    gustav hans harold harriet harry heinrich helen henry herbert hermann howard hugh hugo ian igor
    ingrid irene isaac isabel isaiah ivan ivanka jack jacob jacques jake james jane janet jason javier
    jean jeff jennifer jerry jessica jill jim joachim joan joe joel johann johannes john jonathan jorge
    jose josef joseph joshua juan judith julia julie juliet justin kamala karen karim karl kate
    katharine katherine kathleen keith kenneth kevin kim kyle larry laura laurent lawrence leila leo
    leon leonard leonardo leslie lewis lily linda lisa lorenzo louis louisa louise lucas lucy ludwig
    luis luke lyndon mahatma malcolm manuel marc marcel marco margaret margot maria marie marilyn mario
    mark martha martin martina mary matthew maurice max maya megan mia michael michelle miguel mike
    mikhail mohamed mohammad mohammed monica muhammad murray nancy naomi napoleon natalia natalie nathan
    neil neville nicholas nick nicole nikola nina noah nora norman olaf olga oliver olivia omar oscar
    otto pablo pamela pascal patricia patrick paul pavel pedro percy pete peter phil philip philippe
    pierre rachel rafael raj ralph ramon raymond rebecca rene richard rita robert rodrigo roger roland
    ronald rosa ross roy rupert russell ruth ryan salman salvador sam samantha samuel sandra sarah satya
    scott sean sebastian sergei sergey sergio sharon sheila sidney simon sofia sophia stanley stella
    stephanie stephen steve steven stuart susan sven sylvia tanya ted terry theodore theresa thomas tim
    timothy tina todd tom tony ursula valerie vera veronica victor victoria vincent vivian vlad vladimir
    walter wayne wendy wilhelm william winston wolfgang xavier yasmin yuri yves zoe
    """.split()  # noqa: SIM905
)
CALENDAR = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april june july
    august september october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug
    sep sept oct nov dec christmas easter am pm ad bc bce ce spring summer autumn winter
    """.split()  # noqa: SIM905
)
# Words that begin sentences, menus and lists, and are no names by themselves.
COMMON = frozenset(
    """
    yes no ok okay please note example see use click press open close select choose enter type run
    install figure table chapter section page part step item appendix figures tables today yesterday
    tomorrow now here then next first second third last finally many much several few two three four
    five six seven eight nine ten one every everyone everything everybody someone something anyone
    anything nobody nothing people time years year according given even still again soon often usually
    later recently originally eventually sometimes currently despite instead perhaps additionally
    moreover furthermore therefore nevertheless meanwhile unlike among amongst including based following
    using when why how who what whose whom which where let make get go come take give keep try add set
    put call ask tell show read write check new old good great best better other others another
    different similar such same various most more less least early late large small long short high low
    young i'm i he's she's it's we're they're you're don't god internet web email
    """.split()  # noqa: SIM905
)
# Adjectives of peoples, tongues and creeds: names only as a part of one, as in European Central Bank.
PEOPLES = frozenset(
    """
    english french german russian chinese japanese spanish italian american british european african
    asian dutch greek roman latin polish turkish indian arab arabic jewish christian muslim catholic
    protestant islamic canadian australian scottish irish welsh swedish danish norwegian finnish
    ukrainian mexican brazilian korean vietnamese persian iranian egyptian soviet victorian western
    eastern northern southern
    """.split()  # noqa: SIM905
)
