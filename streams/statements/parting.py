"""Where clauses end in English, French and German: by commas, by joining words, and by what opens a clause."""

from __future__ import annotations

from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

PARTING = frozenset(";:—–()")
_AFTER_COMMA = frozenset(
    """and or but while although though whereas which who whose where after before as with yet so since because а
    но что который которая которые хотя пока after та але який яка які хоча mais qui dont alors tandis und aber
    doch während wobei der die das""".split()
)
_ALWAYS = frozenset("but while although though whereas because но але хотя хоча mais aber sondern".split())
OPENERS = {
    "fr": frozenset("après avant bien alors si s'il lorsque quand tandis malgré faute depuis tant".split()),
    "de": frozenset(
        """nachdem obwohl während weil da als bevor obgleich solange sobald falls wenn sofern sollte sollten trotz
        statt anstatt""".split()
    ),
}
"""Words that open a clause or phrase which the sentence's first comma ends: `Nachdem Wien lange ablehnte, ...`."""


def opening_ends(passage: Passage, first: int, last: int, language: str) -> bool:
    """Whether the sentence's opening clause ends between two words: `Obwohl Wien zögerte, hat Rom ...`."""
    if not passage.tokens or passage.tokens[0].forms[0] not in OPENERS.get(language, ()):
        return False
    return max(first, 1) <= first_comma(passage) <= last


def beyond_main(passage: Passage, first: int, last: int) -> bool:
    """German: whether a comma without `dass` parts two words: what is denied is denied in its own clause."""
    commas = [at for at in range(first, last + 1) if "," in passage.between(at)]
    return any(passage.tokens[at].forms[0] not in _ASKING for at in commas if at < len(passage.tokens))


_ASKING = frozenset("dass ob wer wem wen wessen woher wo wie wann warum welche welcher welches".split())
"""What opens a clause that a denial reaches: `weiß nicht, wer ...`."""


def embedded(passage: Passage, cue: Mention, word: int, language: str) -> bool:
    """Whether a cue stands in a clause between commas that is over before the word: `..., die enden sollte, ...`."""
    if language not in OPENERS or not comma(passage, cue.last, word):
        return False
    for back in range(cue.first, 0, -1):
        if "," in passage.between(back):
            return passage.tokens[back].forms[0] in _EMBEDDING[language]
    return False


_EMBEDDING = {
    "fr": frozenset("qui que dont où lequel laquelle lesquels lesquelles après alors bien malgré".split()),
    "de": frozenset(
        """die der das dem den deren dessen denen welche welcher welches wo wobei weil obwohl nachdem während wie als
        bevor seit""".split()
    ),
}


def first_comma(passage: Passage) -> int:
    """The word behind a sentence's first comma; 0 where it has none."""
    return next((at for at in range(1, len(passage.tokens)) if "," in passage.between(at)), 0)


def comma(passage: Passage, first: int, last: int) -> bool:
    """Whether a comma stands in front of any of the words `first` to `last`."""
    return any("," in passage.between(at) for at in range(first, last + 1))


_THE = frozenset("the le la les".split())


def introduces(passage: Passage, cue: Mention, word: int) -> bool:
    """Whether a comma and a name part the cue from the event: `After a long debate, Chile has committed`."""
    words = passage.tokens
    for at in range(cue.last, min(word, len(words) - 1)):
        if "," in passage.between(at):
            name = at + 1 if words[at].forms[0] in _THE else at
            if words[name].capital:
                return True
    return False


_FINITE = frozenset("will would shall has have had is are was were".split())


def parted(passage: Passage, first: int, last: int) -> bool:
    """Whether a clause ends between word `first` and word `last` (the gap before `last` counts)."""
    for at in range(max(first, 1), last + 1):
        between = passage.between(at)
        if at < len(passage.tokens):
            word = passage.tokens[at].forms[0]
            if at > first and word in _ALWAYS:
                return True
            if "," in between and word in _AFTER_COMMA and not _complement(passage, at):
                return True
            if word == "and" and first < at < last - 1 and passage.tokens[at + 1].forms[0] in _FINITE:
                return True  # `will not stand by and will send`
        if any(mark in PARTING for mark in between):
            return True
    return False


def _complement(passage: Passage, at: int) -> bool:
    """German: `dementiert, der Truppe Soldaten zugesagt zu haben`: an article opens what the verb is about."""
    articles = ("der", "die", "das", "den", "dem")
    return passage.language == "de" and passage.tokens[at].forms[0] in articles and not passage.tokens[at - 1].capital
