"""Which cues act on the event word: ConText's idea (Harkema et al. 2009), with clause boundaries made for news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from streams.statements import actors, clauses, slavic
from streams.statements.lexicon import Mention, Phrases, Token, phrases, separated, table
from streams.statements.passage import Passage
from streams.statements.when import MONTHS
from wire.records import Modality, Polarity, Recency

REACH = 9
"""Words that a cue reaches over, at most."""


FAR = 18
"""The same for a negated verb of thinking, whose object may stand before what is denied."""

_PARTING = frozenset(";:—–()")
_AFTER_COMMA = frozenset(
    """and or but while although though whereas which who whose where after before as with yet so since because а
    но что который которая которые хотя пока after та але який яка які хоча mais qui dont alors tandis und aber
    doch während wobei der die das""".split()
)
_ALWAYS = frozenset("but while although though whereas because но але хотя хоча mais aber sondern".split())
_FOLLOWING = {"en": 2, "de": 12, "fr": 2}
"""Over how many words a negation acts that follows its event word: `promised nothing`, `stimmte nicht zu`."""

_OPENERS = {
    "fr": frozenset("après avant bien alors si s'il lorsque quand tandis malgré faute depuis tant".split()),
    "de": frozenset(
        """nachdem obwohl während weil da als bevor obgleich solange sobald falls wenn sofern sollte sollten trotz
        statt anstatt""".split()
    ),
}
"""Words that open a clause or phrase which the sentence's first comma ends: `Nachdem Wien lange ablehnte, ...`."""

_NOT_FAR = frozenset("without sans ohne".split())
_BESIDE = 3
"""Words that `sans` and its like reach over: `sans conditions, les parties ont conclu ...`."""

_ATTRIBUTES = (
    *("éventuel", "potentiel", "possible"),
    *("geplante", "mögliche", "vorgeschlagene", "geforderte", "angedrohte", "angestrebte", "erwogene", "diskutierte"),
    *("denkbare", "eventuelle", "verlangte", "wahrscheinliche", "erhoffte"),
)
"""Cues that weaken the noun beside them and not the verb: `an einer möglichen Truppe wird sich Rom beteiligen`."""

WHOLE_SENTENCE = ("recap", "unofficial")

NEUTRAL = "neutral"
"""The class of phrases that hold a cue and take nothing back: `not only`, `non seulement`, `ohne Vorbedingungen`."""

AXIS: Mapping[str, tuple[str, str]] = {
    "negation": ("polarity", Polarity.NEGATED),
    "refusal": ("polarity", Polarity.NEGATED),
    "possible": ("modality", Modality.POSSIBLE),
    "conditional": ("modality", Modality.CONDITIONAL),
    "intended": ("modality", Modality.INTENDED),
    "urged": ("modality", Modality.URGED),
    "unofficial": ("voice", "unofficial"),
    "recap": ("recency", Recency.RECAP),
}
"""What a class of cues makes of a statement: axis and label."""


def cues(passage: Passage, language: str, extra: Mapping[str, tuple[str, ...]]) -> list[Mention]:
    """Mentions of cues in a sentence, each meaning its class. `extra` adds phrases to classes."""
    found = [
        one
        for one in phrases("cues", language).find(passage.tokens)
        if not (_month(passage, one) or _armed_opposition(passage, one) or _at_request(passage, one))
    ]
    taken = {at for one in found for at in range(one.first, one.last)}
    parts = separated("cues", language, passage.text, passage.tokens)
    found += [one for one in parts if one.first not in taken]
    if extra:
        shielded = {at for one in found if one.meaning == NEUTRAL for at in range(one.first, one.last)}
        added = [
            one
            for one in _extra(tuple((kind, words) for kind, words in sorted(extra.items()))).find(passage.tokens)
            if not shielded.issuperset(range(one.first, one.last))
        ]
        covered = {at for mention in added for at in range(mention.first, mention.last)}
        found = [one for one in found if not covered.intersection(range(one.first, one.last))] + added
    if language == "fr":
        found += [Mention(at, at + 1, "negation") for at, one in enumerate(passage.tokens) if elided_not(one)]
    return sorted(found)


def elided_not(token: Token) -> bool:
    """`n'enverra`: half a negation in one word with its verb."""
    return token.forms[0].startswith("n'") and not token.text[2:3].isupper()


def _armed_opposition(passage: Passage, cue: Mention) -> bool:
    """`the opposition SPLM-IO`: an armed group, and no party that speaks for no state."""
    if cue.meaning != "unofficial":
        return False
    return any(
        one.first <= cue.last <= one.last and actors.table()[one.meaning].kind == actors.ARMED
        for one in actors.find(passage.tokens, passage.language)
    )


def _at_request(passage: Passage, cue: Mention) -> bool:
    """`at Madrid's request`: it has been met."""
    before = [token.forms[0] for token in passage.tokens[max(0, cue.first - 4) : cue.first]]
    return passage.tokens[cue.first].forms[0] in ("request", "invitation", "urging") and "at" in before


def _month(passage: Passage, cue: Mention) -> bool:
    """`on 5 May`: the month is no verb."""
    token = passage.tokens[cue.first]
    return cue.first > 0 and token.capital and cue.last - cue.first == 1 and token.forms[0] in MONTHS


@cache
def _extra(classes: tuple[tuple[str, tuple[str, ...]], ...]) -> Phrases:
    return Phrases((word, kind) for kind, words in classes for word in words)


def acting(
    passage: Passage, found: Iterable[Mention], event: Sequence[int], speech: Iterable[Mention], language: str
) -> list[Mention]:
    """The cues that act on any of the event's words. Some classes act on the whole sentence."""
    verbs = list(speech)
    acts = []
    for cue in found:
        if cue.meaning == "recap":
            looks_back = clauses.recalls if language in slavic.LANGUAGES else _recalls
            if not looks_back(passage, cue, event):
                continue
        if cue.meaning in WHOLE_SENTENCE or any(_reaches(passage, cue, word, verbs, language) for word in event):
            acts.append(cue)
    return acts


_HAD = frozenset("hatte hatten avait avaient s'était s'étaient".split())


def _recalls(passage: Passage, cue: Mention, event: Sequence[int]) -> bool:
    """Whether a cue looks back on the event: `had` only with the event's own verb, other words from anywhere."""
    if passage.tokens[cue.first].forms[-1] not in _HAD and passage.tokens[cue.first].forms[0] not in _HAD:
        return True
    return any(
        (cue.last <= word < cue.last + FAR and not _comma(passage, cue.last, word)) or word == cue.first - 1
        for word in event
    )


def _reaches(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention], language: str) -> bool:
    if cue.first <= word < cue.last:
        return cue.meaning == "negation" and elided_not(passage.tokens[word])
    if language in slavic.LANGUAGES:
        return clauses.reaches(passage, cue, word, speech)
    if cue.last <= word:
        return _reaches_ahead(passage, cue, word, speech, language)
    if language == "de" and _verb_last(passage, cue, word):
        return True
    if language == "fr" and _modal_behind(passage, cue, word):
        return True
    if cue.meaning in ("refusal", "negation") and _passive(passage, cue) and cue.first - word < FAR:
        return not parted(passage, word + 1, cue.first)
    if cue.meaning == "negation" and language != "de":
        if passage.tokens[cue.first].forms[0] in _MANNER or passage.tokens[cue.first - 1].forms[0] in _CONTRASTING:
            return False  # `is a red line, and not a dotted one`
        if passage.tokens[cue.first].forms[0] in _NEVER_BEHIND:
            return False
        if language == "en" and any("," in passage.between(at) for at in range(word + 1, cue.first + 1)):
            return False  # `cannot accept, will not accept`
        return cue.first - word <= _FOLLOWING.get(language, 0) and not parted(passage, word + 1, cue.first)
    return False


_NEVER_BEHIND = frozenset("ni sans non".split())


def _reaches_ahead(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention], language: str) -> bool:
    """Whether a cue acts on a word that follows it."""
    if _coordinated(passage, cue, word) and language == "en":
        return True
    if language == "en" and (_of_a_place(passage, cue, word) or _closed(passage, cue)):
        return False
    far = _of_thinking(passage, cue) or _governs(passage, cue, word) or _frames(passage, cue, word, language)
    reach = FAR if far else REACH
    first = passage.tokens[cue.first].forms[0]
    if first in _NOT_FAR or (first.startswith(_ATTRIBUTES) and language in _OPENERS):
        reach = _BESIDE if first in _NOT_FAR else 1
    if word - cue.last >= reach or parted(passage, cue.last, word):
        return False
    if _opening_ends(passage, cue.last, word, language) or _embedded(passage, cue, word, language):
        return False
    if cue.meaning == "conditional":
        if language in _OPENERS and _comma(passage, cue.last, word):
            return False  # the condition is over where its clause is
        return not _reported(passage, cue, speech)
    if language != "de" and _introduces(passage, cue, word):
        return False
    if language == "de" and cue.meaning == "negation" and _beyond_main(passage, cue.last, word):
        return False
    return not any(cue.last <= verb.first and verb.last <= word for verb in speech)


def _opening_ends(passage: Passage, first: int, last: int, language: str) -> bool:
    """Whether the sentence's opening clause ends between two words: `Obwohl Wien zögerte, hat Rom ...`."""
    if not passage.tokens or passage.tokens[0].forms[0] not in _OPENERS.get(language, ()):
        return False
    comma = next((at for at in range(1, len(passage.tokens)) if "," in passage.between(at)), 0)
    return first <= comma <= last and comma > 0


def _beyond_main(passage: Passage, first: int, last: int) -> bool:
    """German: whether a comma without `dass` parts two words: what is denied is denied in its own clause."""
    commas = [at for at in range(first, last + 1) if "," in passage.between(at)]
    return any(passage.tokens[at].forms[0] not in _ASKING for at in commas if at < len(passage.tokens))


_ASKING = frozenset("dass ob wer wem wen wessen woher wo wie wann warum welche welcher welches".split())
"""What opens a clause that a denial reaches: `weiß nicht, wer ...`."""


def _frames(passage: Passage, cue: Mention, word: int, language: str) -> bool:
    """German: a verb in second place and the infinitive that closes its clause: `könnte sich ... beteiligen`."""
    framing = (*_MODAL, "negation")
    return language == "de" and cue.meaning in framing and not _comma(passage, cue.last, word)


def _embedded(passage: Passage, cue: Mention, word: int, language: str) -> bool:
    """Whether a cue stands in a clause between commas that is over before the word: `..., die enden sollte, ...`."""
    if language not in _OPENERS or not _comma(passage, cue.last, word):
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


def _comma(passage: Passage, first: int, last: int) -> bool:
    return any("," in passage.between(at) for at in range(first, last + 1))


def _verb_last(passage: Passage, cue: Mention, word: int) -> bool:
    """German: what denies or weakens may close the clause: `lehnt eine Beteiligung ab`, `entsenden könnte`."""
    reach = {"negation": _FOLLOWING["de"], "refusal": _FOLLOWING["de"], "recap": 0}.get(cue.meaning, _BESIDE)
    if cue.first - word > reach or cue.meaning == NEUTRAL:
        return False
    return not any(
        "," in passage.between(at)
        or any(mark in passage.between(at) for mark in _PARTING)
        or passage.tokens[at].forms[0] in _JOINING
        for at in range(word + 1, cue.first + 1)
    )


_JOINING = frozenset("und oder aber sondern et ou mais qui que dont où".split())


def _modal_behind(passage: Passage, cue: Mention, word: int) -> bool:
    """French: the conditional of a verb whose subject is the event: `une trêve de dix jours pourrait être signée`."""
    if not passage.tokens[cue.first].forms[0].endswith(("rait", "raient")) or cue.first - word > REACH:
        return False
    return not any(
        passage.between(at).strip(" \u00a0-'’") or passage.tokens[at].forms[0] in _JOINING
        for at in range(word + 1, cue.first + 1)
    )


def _coordinated(passage: Passage, cue: Mention, word: int) -> bool:
    """`would bar ships, freeze assets and extend the embargo`: a bare verb in a row shares the modal of the first."""
    words = passage.tokens
    if cue.meaning not in _MODAL or not word or word - cue.last > _ROW:
        return False
    first = word - 1 if words[word - 1].forms[0] == "to" else word
    row = first > 0 and (words[first - 1].forms[0] in ("and", "or") or "," in passage.between(first))
    modal = words[cue.last - 1].forms[0] in MODALS or words[min(cue.last, word - 1)].forms[0] == "to"
    called = any(words[at].forms[0] == "to" for at in range(cue.last, min(cue.last + _ADDRESSEE, word - 1)))
    modal = modal or (called and first == word - 1)
    bare = not words[word].forms[0].endswith(("s", "ed", "ing", "en"))
    return (
        row
        and modal
        and bare
        and not any(mark in passage.text[words[cue.first].end : words[word].start] for mark in ";:")
    )


_MODAL = ("conditional", "possible", "intended", "urged")
_ROW = 40
_ADDRESSEE = 5
"""Words between a call and its first infinitive, behind which others stand: `urged both to stop, and to talk`."""


def _of_a_place(passage: Passage, cue: Mention, word: int) -> bool:
    """`in Lima, not in Quito, that they will meet`: a negation of where, closed by a comma."""
    if cue.meaning != "negation" or passage.tokens[cue.last].forms[0] not in _WHERE:
        return False
    return any("," in passage.between(at) for at in range(cue.last + 1, word + 1))


_WHERE = frozenset("in at from by on".split())


def _closed(passage: Passage, cue: Mention) -> bool:
    """`soldiers, of whom they say there are none, would be shot at`: a pronoun that ends its clause denies that."""
    return passage.tokens[cue.first].forms[0] in _NOBODY and "," in passage.between(cue.last)


_NOBODY = frozenset("none nothing nobody".split())


def _governs(passage: Passage, cue: Mention, word: int) -> bool:
    """Whether a verb of wishing, warning or failing has the event as its complement: `appealed to X to halt`."""
    if cue.meaning not in _GOVERNING:
        return False
    return any(token.forms[0] in MODALS for token in passage.tokens[max(cue.last, word - 2) : word])


_GOVERNING = ("urged", "intended", "possible", "refusal", "negation")
MODALS = frozenset("to would will should could might must zu".split())
"""Words that open the complement of a verb."""


def _of_thinking(passage: Passage, cue: Mention) -> bool:
    """`does not consider the presence of ... unacceptable`: such a verb hands its negation on."""
    return cue.meaning == "negation" and any(
        token.forms[0] in _THINKING for token in passage.tokens[cue.last : cue.last + 2]
    )


_THINKING = frozenset(
    """consider regard see find think believe call describe deem view hold считает считают видит вважає вважають
    considère considèrent hält halten""".split()
)


_MANNER = frozenset("without instead rather far short hardly ohne sans без".split())
"""Negations of how it was done, where they follow: `adopted without a vote`."""

_CONTRASTING = frozenset("and but und aber et mais и а но і та але".split())


def is_passive(passage: Passage, event: Sequence[int]) -> bool:
    """Whether the event's words are a passive: `have been added`."""
    words = passage.tokens
    if passage.language == "de":
        return any(token.forms[0] in _WERDEN for token in words)
    if passage.language == "fr" and any(words[word].forms[0] == "été" for word in event):
        return True
    return any(words[at].forms[0] in _BE for word in event for at in range(max(0, word - 2), word))


def _passive(passage: Passage, cue: Mention) -> bool:
    """`the offer was withdrawn`, `the report is not correct`: said of the event that stands before it."""
    if cue.first == 0:
        return False
    before, word = passage.tokens[cue.first - 1].forms[0], passage.tokens[cue.first].forms[0]
    return before in _BE | _A or (before in ("has", "have", "had") and word in _COMES_TO_NOTHING)


_A = frozenset(
    """a ont été est sont sera seront fut furent hat haben wurde wurden wird werden ist sind war waren sei seien
    был была было были""".split()
)
_COMES_TO_NOTHING = frozenset("collapsed lapsed expired ended unravelled broken fallen".split())
_BE = frozenset("is are was were been be being été".split())
_WERDEN = frozenset("wurde wurden worden".split())


_THE = frozenset("the le la les".split())


def _introduces(passage: Passage, cue: Mention, word: int) -> bool:
    """Whether a comma and a name part the cue from the event: `After a long debate, Chile has committed`."""
    words = passage.tokens
    for at in range(cue.last, min(word, len(words) - 1)):
        if "," in passage.between(at):
            name = at + 1 if words[at].forms[0] in _THE else at
            if words[name].capital:
                return True
    return False


def _reported(passage: Passage, cue: Mention, speech: Sequence[Mention]) -> bool:
    """`said it would send` reports a promise; it sets no condition."""
    if passage.tokens[cue.first].forms[0] not in ("would", "бы", "би", "würde", "würden"):
        return False
    has_if = any(token.forms[0] in ("were", "unless") for token in passage.tokens)
    return not has_if and bool(speech)


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
        if any(mark in _PARTING for mark in between):
            return True
    return False


def _complement(passage: Passage, at: int) -> bool:
    """German: `dementiert, der Truppe Soldaten zugesagt zu haben`: an article opens what the verb is about."""
    articles = ("der", "die", "das", "den", "dem")
    return passage.language == "de" and passage.tokens[at].forms[0] in articles and not passage.tokens[at - 1].capital


def known_classes() -> frozenset[str]:
    """The classes of cues that there are."""
    return frozenset(kind for classes in table("cues").values() for kind in classes)
