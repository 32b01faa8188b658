"""Hold the regular expressions that the measures of junk look for, in Russian and English.

Each is bounded so that it takes linear time on every text: a run of 30,000 letters must not stall a batch.
"""

from __future__ import annotations

import re

URL = re.compile(
    r"(?:https?://|ftp://|www\.)\S+|\b[\w.+-]{1,64}@[\w-]{1,63}\.\w+|\b[\w-]{1,63}\.(?:com|org|net|ru|рф)\b"
)
MARKUP = re.compile(
    r"</?[a-zA-Z][^<>\n]{0,300}>|&(?:[a-z]{2,8}|#\d{1,6});|\{\{.{0,80}?\}\}|\{%.{0,80}?%\}|<!--|-->"
    r"|\bfunction\s?\(|\bvar \w{1,40}=|=>\{|\};|\(\)\{|![01]\b|\b[\w-]{1,40}:[^\s;{}]{1,200};|document\."
    r"|window\.|!important|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|%[0-9A-F]{2}%[0-9A-F]{2}"
)
ENCODED = re.compile(
    r"(?=[A-Za-z+/=_-]{0,40}\d)[A-Za-z0-9+/=_-]{28,}|\b[0-9a-f]{16,}\b|(?:\b[0-9a-f]{2,8}\b[ :]){6,}"
    r"|(?:0x[0-9a-fA-F]+[,\s]+){4,}"
)
MOJIBAKE = re.compile(
    r"(?:[РС][^\s\w]|[РС][^а-яА-ЯёЁ\s]|[РС][а-яЀ-џ](?=[РС])){2,}|(?:[ÐÑÃÂâ][^\sA-Za-z]){2,}|\ufffd+"
    r"|\b[а-яё]{1,2}[А-ЯЁ]{2,}[а-яА-ЯёЁ]*|[ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЁ](?=[а-яa-z\W])[^\s]{0,3}[ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐ]"
)
# These two are searched in lower case: to ignore case takes six times as long.
BANNERS = re.compile(
    r"(?:use|uses|our|of|accept|all|this|these) cookies|cookie (?:settings|policy|notice)"
    r"|файл\w* cookie|\bкуки\b"
    r"|accept all|reject all|принять все|отклонить все|all rights reserved"
    r"|все права защищены|copyright ©"
    r"|©|lorem ipsum|dolor sit|(?:enable|включите) javascript|privacy policy|terms of (?:use|service)"
    r"|политик\w+ конфиденциальности|пользовательск\w+ соглашени\w+"
    r"|subscribe to|newsletter"
    r"|подпис\w+ на рассылку|подписаться|follow us|мы в соцсетях|поделиться|share (?:on|this)"
    r"|вконтакте"
    r"|одноклассники|add to (?:cart|basket|favou?rites)|в корзину|в избранное|buy now"
    r"|order now|недорого"
    r"|free shipping|best price|карта сайта|site ?map|о компании|read more|читать далее"
    r"|skip to (?:main )?content|перейти к содержимому|back to top|click here|нажмите здесь|жми сюда"
    r"|page not found|страница не найдена|(?:error|ошибка) 404|captcha|капч\w+"
    r"|am not a robot|не робот"
    r"|forgot (?:your )?password|забыли пароль|related posts|похожие статьи|скачать бесплатно|free download"
    r"|casino|казино|публичной офертой|зарегистрируйтесь"
)
SITE_WORDS = re.compile(
    r"\b(?:home|menu|search|login|log in|register|subscribe|share|tweet|facebook|twitter|instagram|youtube"
    r"|telegram|reply|like|comments?|previous|next|loading|javascript|advertisement|trending"
    r"|popular|contacts?"
    r"|главная|меню|поиск|войти|вход|регистрация|ответить|нравится|комментари\w+|предыдущая|следующая"
    r"|загрузка|реклама|рекомендуем|популярное|контакты|новости|наверх|заказать|отзывы|акци[ия]|подробнее)\b"
)
LABEL = re.compile(r"[^\W\d_][\w'’-]*(?: [\w'’&-]+){0,3}")
LABEL_BREAKS = re.compile(r"\n\s*[-*•]?\s*|\s+[|·/»>›•—-]+\s+|\s{3,}")
BULLET = re.compile(r"[•●▪◦‣·∙►➤*»›–—-]\s")
TERMINAL = re.compile(r"[.!?…:;][\"'»”)\]`*]*$")
SENTENCE_END = re.compile(r"[^\W\d_]{2}[\"'»”)\]`*]{0,3}[.!?…]{1,3}[\"'»”)\]`*]{0,3}(?=\s|$)")
SYMBOLS = re.compile(r"[#|~^@\\<>{}=+$%&*_]|\.\.\.|…")
CODE_LINE = re.compile(
    r"^(?:>>> |\.\.\. |\$ |\s{4,}\S|\t+\S|(?:def|class|import|from|return|for|while|if|else|elif|try|with"
    r"|static|const|#include|#define|int|void"
    r"|char)\b.*[:;({)]?)|^\s*[\w.\[\]]+ ?(?:=|\+=|:=) ?\S|\w\(.*\)\s*[;:{]?$|\"[\w -]+\"\s*:"
)
TABLE_LINE = re.compile(r"^\s*\|.*\||\S{2}(?:\t|\s{3,})\S{2}|^[-=+|: ]{6,}$")
OPTION_LINE = re.compile(
    r"^\s*(?:-{1,2}[\w?]|\+\w\b|\[?-\w|\S{1,24}\s+[-–—=:]\s|[\w, ()-]{1,30}:\s\S"
    r"|\S{1,24}(?:\t|\s{2,})[^\W\d_])"
)
REPEATED = re.compile(r"([^\s\d])\1{3,}")
LETTER_RUNS = re.compile(r"[а-я]{2,}|[a-z]{2,}")
SEPARATORS = re.compile(r"[,;|•·»›/]")
