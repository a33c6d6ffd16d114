"""What stands around a state's name: whether it acts, only qualifies a thing, mediates, gives or takes part."""

from __future__ import annotations

from streams.statements import actors, nationality
from streams.statements.governed import PEOPLE
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

LISTED = frozenset("the and both , і и та et und le la les der die das".split())
_ADJECTIVAL = tuple("an ish ese ch i ic eek ak ek akh ik men thai swiss iot nch tch kosovar basotho".split())
VERBS = frozenset("has have had is are was were will would said says and".split())

_BODIES = frozenset(
    """forces troops fighters generals leadership envoy agency regulator authority
    administration navy spokesman spokeswoman parliament central""".split()
)

_MEDIATORS = frozenset(
    """mediator mediators mediation brokers broker brokered mediated envoy envoys facilitators посредник
    посредники посредников посредником посередник посередники médiateurs médiateur vermittler""".split()
)

_MEDIATED = frozenset(
    """brokered mediated mediation hosted facilitated chaired broker mediator mediators посредничестве посередництва
    посредником посередником médiation vermittlung""".split()
)

_GIVEN = frozenset(
    """each troops soldiers battalion battalions contributions contribution pledge pledges commitment commitments
    offer offers personnel officers ships apiece""".split()
)

_HIMSELF = frozenset(
    """he she his her i we my our him они мы я он она він вона ми il elle nous sa son ses lui er sie wir sein seine
    seinem ihr ihre ihrem""".split()
)


def adjective(passage: Passage, one: Mention, language: str, people: frozenset[str] = PEOPLE) -> bool:
    """Whether a name only qualifies a thing: `Spanish wine`, but not `French officials` or `Oslo's`."""
    if passage.language in nationality.LANGUAGES:
        return nationality.qualifies(passage, one)
    if one.last >= len(passage.tokens) or passage.between(one.last).strip():
        return False
    if language != "en" and passage.tokens[one.first].capital:
        return False  # elsewhere adjectives are written small
    following = passage.tokens[one.last]
    ending = passage.tokens[one.last - 1].text.casefold().replace("’", "'")
    if following.capital or ending.endswith("'s") or following.forms[-1] in people | VERBS:
        return False
    text = passage.text[passage.tokens[one.first].start : passage.tokens[one.last - 1].end]
    if text == one.meaning or text.casefold() in actors.seats():
        return False
    return language != "en" or text.casefold().endswith(_ADJECTIVAL)


def possessor(passage: Passage, one: Mention) -> bool:
    """`X's war`, where neither people nor a body of X follow."""
    ending = passage.tokens[one.last - 1].text.casefold().replace("’", "'")
    return ending.endswith("'s") and not any(
        token.forms[-1] in PEOPLE | _BODIES or token.capital for token in passage.tokens[one.last : one.last + 4]
    )


def mediates(passage: Passage, one: Mention) -> bool:
    """Whether a state only stands between: `Qatari and Egyptian mediators`, `brokered by Oman`."""
    if passage.language in nationality.LANGUAGES and nationality.mediates(passage, one):
        return True
    following = passage.tokens[one.last : one.last + 6]
    for token in following:
        if token.forms[-1] in _MEDIATORS:
            return True
        if not token.capital and token.forms[0] not in LISTED and token.forms[-1] != "chief":
            break
    return any(token.forms[-1] in _MEDIATED for token in passage.tokens[max(0, one.first - 3) : one.first])


def gives(passage: Passage, at: int) -> bool:
    """`one battalion each from X, Y and Z`."""
    for back in range(at - 1, max(-1, at - 12), -1):
        if passage.tokens[back].forms[0] == "from":
            return back > 0 and passage.tokens[back - 1].forms[-1] in _GIVEN
    return False


def takes_part(passage: Passage, verb: int) -> bool:
    """Whether a speaker speaks of himself: `said that he would meet`."""
    near, far = passage.tokens[verb + 1 : verb + 5], passage.tokens[verb + 5 : verb + 9]
    return any(token.forms[0] in _HIMSELF for token in near) or any(token.forms[0] == "lui" for token in far)


_LISTS = frozenset("list lists register blacklist registry".split())


def owns_list(passage: Passage, one: Mention) -> bool:
    """`X's sanctions list`: who keeps it is who acts, whatever goes on it."""
    ending = passage.tokens[one.last - 1].text.casefold().replace("’", "'")
    return ending.endswith("'s") and any(
        token.forms[-1] in _LISTS for token in passage.tokens[one.last : one.last + 3]
    )


def names_a_thing(passage: Passage, one: Mention) -> bool:
    """Whether a name stands before a noun that is no people of a state: `NATO servicemen`."""
    if one.last >= len(passage.tokens) or passage.between(one.last).strip():
        return False
    following = passage.tokens[one.last]
    ending = passage.tokens[one.last - 1].text.casefold().replace("’", "'")
    return not (following.capital or ending.endswith("'s") or following.forms[-1] in PEOPLE | VERBS)
