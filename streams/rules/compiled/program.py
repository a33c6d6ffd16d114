"""What stands in the numbers that the kernel runs: a header, the clauses that must be there, a small stack program.

Record of a query, in one array of int32 together with all others:

    number  language  rule  flags  clauses  program      (HEADER numbers; `program` is an index into this array or 0)
    size leaf leaf ...                                   (once for each clause, then for lists that operations name)
    operations ...                                       (see `Op`; none where the clauses are all that is asked)

Title and body share one line of positions with a gap between them that no NEAR spans. Two facts make one pass
enough: the minimal spans inside a scope are those of the whole text that lie in it, so a part of an article or a
sentence is a filter on spans; and NOT, AND, OR inside SENT or PARA act on every sentence at once, as rows of flags.
"""

from __future__ import annotations

from enum import IntEnum

HEADER = 6
NEEDS_UNITS = 1
"""Flag: the program asks for sentences or paragraphs."""

SCOPES = {"all": 0, "title": 1, "body": 2, "lead": 3, "none": 4}
UNITS = {"sentence": 0, "paragraph": 1}

MOST_TOGETHER = 255
"""Lists of one TOGETHER, for they are counted in a byte."""


class Op(IntEnum):
    """Operations. Spans stand on one stack, truths on another, rows of truths (one for each unit) on a third."""

    END = 0
    ANY = 1  # scope n leaf...          a word is there: push a truth
    SPANS = 2  # scope                    take spans: push whether one lies in the scope
    AND = 3  # take two truths, push one
    OR = 4
    NOT = 5  # sure                     sure 0: what is negated asks for units
    JUMP_FALSE = 6  # target                   where the last truth is false
    JUMP_TRUE = 7  # target
    COUNT = 8  # scope least              take spans: push whether so many lie apart
    NEAR_ANY = 9  # scope within ordered     take two lists of spans: push whether a pair is near enough in the scope
    WORDS = 10  # n leaf...                push the spans of words
    PHRASE = 11  # n leaf...
    EITHER = 12  # take two lists of spans, push the minimal ones of both
    NEAR = 13  # within ordered           take two lists of spans, push the minimal pairs
    NEAR_WORDS = 14  # scope within ordered list list    push whether words of two lists are near enough in the scope
    TOGETHER = 15  # unit scope n list...              push whether one unit has a word of each list in the scope
    UNITS = 20  # unit                     what follows is about sentences or paragraphs
    U_ANY = 21  # scope n leaf...          push a row
    U_SPANS = 22  # scope                    take spans: push a row
    U_AND = 23
    U_OR = 24
    U_NOT = 25
    U_COUNT = 26  # scope least
    U_JUMP_NONE = 27  # target                  where the last row is all false
    U_END = 28  # scope                    take a row: push whether one unit in the scope is true
