"""How much a run of letters reads like a word: a table of letter pairs, counted over names in public Python code."""

from functools import lru_cache
from itertools import pairwise

# A row per first letter (the first row: the start of a word), a column per second (the first column: its end); 0
# never seen, 9 most likely.
_ROWS = (
    "077777766755777675787656544",
    "757774564625877272878655554",
    "886668644764855753775744363",
    "785657547627754852667643352",
    "975568653843655753666643452",
    "865776654523767465887455653",
    "875667754833755853766744452",
    "974558567713657652775644343",
    "885558443824555853667644363",
    "666776673334779763677362516",
    "885568544756556863475855344",
    "975568555744656654676646353",
    "885568543834744852476653373",
    "886558443724565783575643352",
    "875777684735555753578663343",
    "756774563535778671877766433",
    "884558546724754763867644362",
    "865665645524756465776954434",
    "884668563825565752677654262",
    "964658546725555665478744352",
    "874658547823555752776644364",
    "667667663623778571778342423",
    "885559544823554752565444443",
    "885668547834657762776444433",
    "865767635733665584568454664",
    "965666554623676683577455455",
    "874459545724555753565544467",
)
_EDGE = "`"  # the character before "a"
_WORDLIKE = 6.4  # keeps 99 % of words of six letters and more; of as many random ones 16 %, of eight 7 %
_SHORT = 5  # letters
_WORDLIKE_SHORT = 6.7  # keeps 90 % of words; of random letters 13 %


@lru_cache(maxsize=8192)
def is_wordlike(letters: str) -> bool:
    """Say whether a run of ASCII letters, in any case, could be a word or a name made of words."""
    framed = f"{_EDGE}{letters.lower()}{_EDGE}"
    total = sum(int(_ROWS[ord(a) - 96][ord(b) - 96]) for a, b in pairwise(framed))
    return total >= (_WORDLIKE_SHORT if len(letters) <= _SHORT else _WORDLIKE) * (len(framed) - 1)
