"""The kernel over a batch of articles: positions, candidates, clauses, programs."""

from __future__ import annotations

from typing import Any, NamedTuple

from streams.rules.compiled.jit import kernel
from streams.rules.compiled.machine import MORE_ROOM, Stacks, Text, run
from streams.rules.compiled.program import HEADER, NEEDS_UNITS

DONE, GROW = 0, 1
"""How a call ends. GROW: an array was too small; `state[0]` is where to go on, nothing of that article was stored."""

ANSWER_HELD, ANSWER_UNITS, ANSWER_PLAIN = 0, 1, 2
"""What is said of a rule: it holds; it may hold and needs sentences; the plain engine must decide."""

FLAG_PLAIN = 2
"""Flag of a record without program."""


class Rules(NamedTuple):
    """All queries, compiled. Records are described in `program`."""

    code: Any  # int32
    anchors: Any  # int32 (leaves + 1,): rows of `records`
    records: Any  # int32: (place in `code`, size, leaves of a second clause) of the queries that a leaf anchors
    barred: Any  # int32 (rules + 1,): rows of `bars`
    bars: Any  # int32: indices into `code` of the `unless` queries of a rule
    gap: int


class Work(NamedTuple):
    """Memory of a thread. `seen` and `held` take the stamp of the article at hand, so that they are never cleared."""

    places: Any  # int32 (leaves, 2): occurrences, zero between articles, and the first of them in `posts`
    touched: Any  # int32 (leaves,)
    seen: Any  # int64 (queries,)
    held: Any  # int64 (rules,)
    posts: Any  # int32
    scopes: Any  # int32 (5, 2)
    seen_in: Any  # int64 (leaves,): articles in which a leaf was


@kernel
def _index(rules: Rules, work: Work, words: Any, sets: Any, leaves: Any) -> int:
    """Positions of every leaf of one article. Gives how many leaves are there, or -1 where `posts` is too small.

    `words` is (met, first, middle, last): title first:middle, body middle:last.
    """
    met, first, middle, last = words
    found, total = 0, 0
    places, touched, posts = work.places, work.touched, work.posts
    for n in range(first, last):
        kind = met[n]
        if kind == 0:
            continue
        for at in range(sets[kind], sets[kind + 1]):
            leaf = leaves[at]
            if places[leaf, 0] == 0:
                touched[found] = leaf
                found += 1
            places[leaf, 0] += 1
            total += 1
    if total > len(posts):
        _forget(work, found)
        return -1
    offset = 0
    for n in range(found):
        places[touched[n], 1] = offset
        offset += places[touched[n], 0]
    for n in range(first, last):
        kind = met[n]
        if kind == 0:
            continue
        position = n - first + (rules.gap if n >= middle else 0)
        for at in range(sets[kind], sets[kind + 1]):
            leaf = leaves[at]
            posts[places[leaf, 1]] = position
            places[leaf, 1] += 1
    for n in range(found):
        places[touched[n], 1] -= places[touched[n], 0]
    return found


@kernel
def _forget(work: Work, found: int) -> None:
    """Leave no count behind: a program reads those of leaves that are not in its article."""
    for n in range(found):
        work.places[work.touched[n], 0] = 0


@kernel
def _possible(code: Any, at: int, language: int, places: Any) -> bool:
    """Whether the query is for this language and each of its clauses has a word in the article."""
    if language >= 0 and code[at + 1] >= 0 and code[at + 1] != language:
        return False
    clause = at + HEADER
    for _ in range(code[at + 4]):
        size = code[clause]
        there = False
        for n in range(clause + 1, clause + 1 + size):
            if places[code[n], 0]:
                there = True
                break
        if not there:
            return False
        clause += 1 + size
    return True


@kernel
def _barred(rules: Rules, rule: int, language: int, work: Work, text: Text, stacks: Stacks, exact: int) -> int:
    """Whether an `unless` query takes the rule's match back: FALSE, TRUE, MORE_ROOM or 3 for needs sentences."""
    for n in range(rules.barred[rule], rules.barred[rule + 1]):
        at = rules.bars[n]
        if not _possible(rules.code, at, language, work.places):
            continue
        if exact == 0 and rules.code[at + 3] & NEEDS_UNITS:
            return 3
        answer = run(rules.code, rules.code[at + 5], text, stacks, exact)
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
    answer = run(code, code[at + 5], text, stacks, exact)
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
def _units(units: Any, flags: Any, first: int, middle: int, last: int, gap: int) -> None:
    """Sentences (flag 1) and paragraphs (flag 2) of the words first:middle:last of one article."""
    unit_of, unit_low, unit_high, unit_count = units
    for kind in range(2):
        count = 0
        for n in range(first, last):
            position = n - first + (gap if n >= middle else 0)
            if n == first or n == middle or flags[n] & (kind + 1):
                unit_low[kind, count] = position
                count += 1
            unit_of[kind, position] = count - 1
            unit_high[kind, count - 1] = position + 1
        unit_count[kind] = count


@kernel
def match(
    rules: Rules,
    work: Work,
    stacks: Stacks,
    units: Any,
    met: Any,
    flags: Any,
    open_cases: Any,
    chosen: Any,
    firsts: Any,
    sets: Any,
    leaves: Any,
    languages: Any,
    answers: Any,
    state: Any,
    options: Any,
) -> int:
    """Rules that the articles `chosen` (their numbers), from chosen[state[0]] on, meet.

    Article d has the parts 2d (title) and 2d + 1 (body) of `firsts`; `languages` (articles,) are numbers, -1 unknown.
    `flags` say at which words sentences and paragraphs begin; `open_cases` (articles,) is 1 where a sentence may
    begin at more words than they say. `options` is (words of a lead, whether units are asked for). `units` is working
    memory: (unit_of, unit_low, unit_high, unit_count).
    `answers` int32 (n, 3) takes (article, rule, answer); state is (place in chosen, answers, stamp, candidates,
    evaluations).
    """
    lead = options[0]
    unit_of, unit_low, unit_high, unit_count = units
    text = Text(work.places, work.posts, work.scopes, unit_of, unit_low, unit_high, unit_count)
    code, anchors, records = rules.code, rules.anchors, rules.records
    places, seen, held, scopes = work.places, work.seen, work.held, work.scopes
    touched, seen_in = work.touched, work.seen_in
    for place in range(state[0], len(chosen)):
        article = chosen[place]
        stamp = state[2] = state[2] + 1
        kept, language = state[1], languages[article]
        first, middle, last = firsts[2 * article], firsts[2 * article + 1], firsts[2 * article + 2]
        found = _index(rules, work, (met, first, middle, last), sets, leaves)
        if found < 0:
            return GROW
        title, body = middle - first, last - middle
        scopes[0, 1] = scopes[2, 1] = title + rules.gap + body
        scopes[1, 1] = title
        scopes[2, 0] = scopes[3, 0] = title + rules.gap
        scopes[3, 1] = title + rules.gap + min(lead, body)
        if scopes[0, 1] > unit_of.shape[1] or last - first + 2 > unit_low.shape[1]:
            _forget(work, found)
            return GROW
        exact = 1 - open_cases[article]
        if options[1]:
            _units(units, flags, first, middle, last, rules.gap)
        for n in range(found):
            leaf = touched[n]
            seen_in[leaf] += 1
            row, last_row = anchors[leaf], anchors[leaf + 1]
            while row < last_row:
                at, size = records[row], records[row + 1]
                row += 2 + size
                state[3] += 1
                there = size == 0
                for other in range(row - size, row):
                    if places[records[other], 0]:
                        there = True
                        break
                if not there or seen[code[at]] == stamp:
                    continue
                seen[code[at]] = stamp
                if not _possible(code, at, language, places) or held[code[at + 2]] == stamp:
                    continue
                state[4] += 1
                answer = _query(rules, at, language, work, text, stacks, exact)
                if answer == -1:
                    continue
                if answer == -2 or state[1] >= len(answers):
                    _forget(work, found)
                    state[1] = kept
                    state[0] = place
                    return GROW
                held[code[at + 2]] = stamp
                answers[state[1], 0] = article
                answers[state[1], 1] = code[at + 2]
                answers[state[1], 2] = answer
                state[1] += 1
        _forget(work, found)
        state[0] = place + 1
    return DONE
