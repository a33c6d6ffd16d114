"""The kernel over a batch of articles: positions, candidates, clauses, programs."""

from __future__ import annotations

from typing import Any, NamedTuple

from streams.rules.compiled import layout
from streams.rules.compiled.jit import kernel
from streams.rules.compiled.layout import Units, Work
from streams.rules.compiled.machine import MORE_ROOM, TRUE, run
from streams.rules.compiled.operations import Stacks, Text
from streams.rules.compiled.program import HEADER, NEEDS_UNITS
from streams.rules.compiled.spans import sort

DONE, GROW = 0, 1
"""How a call ends. GROW: an array was too small; `state[0]` is where to go on, nothing of that article was stored."""

ANSWER_HELD, ANSWER_UNITS, ANSWER_PLAIN = 0, 1, 2
"""What is said of a rule: it holds; it may hold and needs sentences; the plain engine must decide."""

ANSWER_BITS = 2
"""An answer stands below the number of its rule."""

FLAG_PLAIN = 2
"""Flag of a record without program."""

SECOND = 7
"""How many leaves of a second clause stand beside a candidate."""


class Rules(NamedTuple):
    """All queries, compiled. Records are described in `program`."""

    code: Any  # int32
    anchors: Any  # int32 (leaves + 1,): rows of `records`
    records: Any  # int32 (n, 1 + SECOND): place in `code` and a second clause of the queries that a leaf anchors
    barred: Any  # int32 (rules + 1,): rows of `bars`
    bars: Any  # int32: indices into `code` of the `unless` queries of a rule
    gap: int


class Batch(NamedTuple):
    """Articles by number: article d has the parts 2d (title) and 2d + 1 (body) of `firsts`."""

    met: Any  # int32 (words,): sets of leaves
    flags: Any  # uint8 (words,): what begins there, see `units`
    firsts: Any  # int32 (parts + 1,): first words
    sets: Any  # int32: set n is leaves[sets[n]:sets[n + 1]]
    leaves: Any  # int32
    languages: Any  # int32 (articles,): numbers, -1 where it is not known
    unsettled: Any  # uint8 (articles,): 1 where sentences may begin at more words than flags say
    lead: int  # words of a lead
    units: int  # whether units are asked for


class Results(NamedTuple):
    """Rules that articles meet, rising by article: rule << ANSWER_BITS | answer."""

    answers: Any  # int64 (2, n); row 1 is working memory
    ends: Any  # int64 (chosen,): where the answers of each article end
    state: Any  # int64 (6,): place in chosen, answers, stamp, candidates, evaluations, answers other than HELD


@kernel
def _candidates(rules: Rules, work: Work, found: int, state: Any) -> int:
    """Queries of which the anchor and, as far as it stands beside, a second clause have a word in the article.

    Gives how many they are, or -1 where `work.candidates` is too small.
    """
    anchors, records, there, candidates = rules.anchors, rules.records, work.there, work.candidates
    count = 0
    for n in range(found):
        leaf = work.touched[n]
        first, last = anchors[leaf], anchors[leaf + 1]
        if count + last - first > len(candidates):
            return -1
        work.seen_in[leaf] += 1
        state[3] += last - first
        for row in range(first, last):
            second = 0
            for column in range(1, 1 + SECOND):
                second |= there[records[row, column]]
            candidates[count] = records[row, 0]
            count += second
    return count


@kernel
def _possible(code: Any, at: int, language: int, there: Any) -> bool:
    """Whether the query is for this language and each of its clauses has a word in the article."""
    if language >= 0 and code[at + 1] >= 0 and code[at + 1] != language:
        return False
    clause = at + HEADER
    for _ in range(code[at + 4]):
        size = code[clause]
        found = 0
        for n in range(clause + 1, clause + 1 + size):
            if there[code[n]]:
                found = 1
                break
        if not found:
            return False
        clause += 1 + size
    return True


@kernel
def _holds(code: Any, at: int, text: Text, stacks: Stacks, exact: int) -> int:
    """What the program of a possible query gives."""
    return run(code, code[at + 5], text, stacks, exact) if code[at + 5] else TRUE


@kernel
def _barred(rules: Rules, rule: int, language: int, work: Work, text: Text, stacks: Stacks, exact: int) -> int:
    """Whether an `unless` query takes the rule's match back: FALSE, TRUE, MORE_ROOM or 3 for needs sentences."""
    for n in range(rules.barred[rule], rules.barred[rule + 1]):
        at = rules.bars[n]
        if not _possible(rules.code, at, language, work.there):
            continue
        if exact == 0 and rules.code[at + 3] & NEEDS_UNITS:
            return 3
        answer = _holds(rules.code, at, text, stacks, exact)
        if answer != 0:
            return answer
    return 0


@kernel
def _query(rules: Rules, at: int, language: int, work: Work, text: Text, stacks: Stacks, exact: int) -> int:
    """What is to be said of the query's rule: -1 nothing, -2 more room, else an answer."""
    code = rules.code
    flags, rule = code[at + 3], code[at + 2]
    if flags & FLAG_PLAIN:
        return ANSWER_PLAIN
    answer = _holds(code, at, text, stacks, exact)
    if answer == MORE_ROOM:
        return -2
    if answer == 0:
        return -1
    if exact == 0 and flags & NEEDS_UNITS:
        return ANSWER_UNITS
    taken = _barred(rules, rule, language, work, text, stacks, exact)
    if taken == MORE_ROOM:
        return -2
    return ANSWER_UNITS if taken == 3 else -1 if taken else ANSWER_HELD


@kernel
def _scoped(scopes: Any, title: int, body: int, lead: int, gap: int) -> None:
    """Positions of title, body and lead."""
    scopes[0, 1] = scopes[2, 1] = title + gap + body
    scopes[1, 1] = title
    scopes[2, 0] = scopes[3, 0] = title + gap
    scopes[3, 1] = title + gap + min(lead, body)


@kernel
def match(rules: Rules, work: Work, stacks: Stacks, units: Units, batch: Batch, chosen: Any, results: Results) -> int:
    """Rules that the articles `chosen`, from place state[0] on, meet."""
    text = Text(work.places, work.posts, work.scopes, units)
    code, seen, held, scopes = rules.code, work.seen, work.held, work.scopes
    answers, state, firsts = results.answers[0], results.state, batch.firsts
    for place in range(state[0], len(chosen)):
        article = chosen[place]
        state[2] += 1
        kept, stamp, language = state[1], state[2], batch.languages[article]
        first, middle, last = firsts[2 * article], firsts[2 * article + 1], firsts[2 * article + 2]
        found = layout.positions(work, batch.met, batch.sets, batch.leaves, first, middle, last, rules.gap)
        if found < 0:
            return GROW
        _scoped(scopes, middle - first, last - middle, batch.lead, rules.gap)
        candidates = _candidates(rules, work, found, state)
        if candidates < 0 or scopes[0, 1] > units.of.shape[1]:
            layout.forget(work, found)
            return GROW
        exact = 1 - batch.unsettled[article]
        if batch.units:
            layout.partition(units, batch.flags, first, middle, last, rules.gap)
        for n in range(candidates):
            at = work.candidates[n]
            rule = code[at + 2]
            if seen[code[at]] == stamp or held[rule] == stamp:
                continue
            seen[code[at]] = stamp
            if not _possible(code, at, language, work.there):
                continue
            state[4] += 1
            answer = _query(rules, at, language, work, text, stacks, exact)
            if answer == -1:
                continue
            if answer == -2 or state[1] >= len(answers):
                layout.forget(work, found)
                state[0], state[1] = place, kept
                return GROW
            held[rule] = stamp
            answers[state[1]] = rule << ANSWER_BITS | answer
            state[1] += 1
            state[5] += answer != ANSWER_HELD
        layout.forget(work, found)
        sort(answers, results.answers[1], kept, state[1])
        results.ends[place] = state[1]
        state[0] = place + 1
    return DONE
