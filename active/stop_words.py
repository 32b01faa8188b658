"""List the words too common to name a cluster, in Russian and in English, ё written as е."""

RUSSIAN = frozenset(
    """
    а без более больше будет будто бы был была были было быть в вам вами вас ваш ваша ваше ваши ведь весь во
    вообще вот впрочем все всегда всего всей всем всеми всему всех всю вся всё вы где да даже два для до
    другие другой другого если есть еще ещё же за зачем здесь и из изза или им ими иногда их к каждый как
    какая какие каким каких каков какова каково каковы какого какое какой каком какую кем ко когда кого ком
    кому которая которого которое которой котором которую которые который которым которых кто куда ли либо
    лишь лучше между меня мне мной много может можно мой мои моя моё моей моего мы на над надо наконец нам
    нами нас наш наша наше наши не него нее неё ней нельзя нет ни нибудь никогда ним ними них ничего но ну о
    об обо один одна одно однако около он она они оно опять от ото перед по под после потом потому почему
    почти при про просто раз разве с сам сама сами само самый самая самое самые свой своя свое свои своей
    своего своих себе себя сейчас сколько со совсем так также такая такие такого такое такой таком такую там
    тебе тебя тем теми теперь то тобой тогда того тоже той только том тому тот тою три ту тут ты у уж уже
    хорошо хоть хотя чего чей чем через что чтоб чтобы чуть чьё чья эта эти этим этих это этого этой этом
    этому этот эту является являются нужно
    """.replace("ё", "е").split()
)

ENGLISH = frozenset(
    """
    a about above after again against all also am an and any are aren as at be because been before being below
    between both but by can cannot could couldn did didn do does doesn doing don done down during each either
    else ever every few for from further get gets got had hadn has hasn have haven having he her here hers
    herself him himself his how however if in into is isn it its itself just ll let many may me might more
    most much must my myself need neither no nor not now of off often on once one only onto or other others
    ought our ours ourselves out over own per please quite rather re really same shall she should shouldn
    since so some such than that the their theirs them themselves then there these they this those though
    through thus to too under until up upon us use used using ve very via was wasn we were weren what when
    where whether which while who whom whose why will with within without won would wouldn yes yet you your
    yours yourself yourselves
    """.split()  # noqa: SIM905
)

STOP_WORDS = RUSSIAN | ENGLISH
"""Both languages together: a corpus, and even a query, may mix them."""
