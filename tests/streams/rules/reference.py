"""The rule language evaluated the slow way, from its definition in streams/rules/syntax.py and docs/rules.md.

A document is a title and a body. Every interval of every node is listed, minimal ones are kept (none holds another),
and everything else follows from them. Nothing here is taken from the engine.
"""

import re
import unicodedata
from itertools import product

import simplemma

from streams.rules import syntax as s
from streams.text import paragraphs, sentences

LEAD = 60
WORDS = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['’ʼ](?=[^\W_]))*")
ELIDED = ("c'", "d'", "j'", "l'", "m'", "n'", "s'", "t'", "qu'", "jusqu'", "lorsqu'", "puisqu'")


def words_of(text):
    return [(found[0], found.start(), found.end()) for found in WORDS.finditer(text)]


def stripped(text):
    """Without accents on Latin letters and stress marks; enough for the words of these tests."""
    kept = ""
    for letter in unicodedata.normalize("NFD", text):
        if letter not in "\u0300\u0301" and not (unicodedata.combining(letter) and kept[-1:] < "\u0400"):
            kept += letter
    return unicodedata.normalize("NFC", kept)


def dictionary_forms(text, language):
    plain = unicodedata.normalize("NFC", text).replace("’", "'").replace("ʼ", "'")
    whole = {plain, plain.removesuffix("'s")} | {
        plain[len(start) :] for start in ELIDED if plain.casefold().startswith(start)
    }
    shapes = {shape for one in whole for shape in (one, one.lower())}
    shapes |= {one.capitalize() for one in whole} if language == "de" else set()
    return {simplemma.lemmatize(shape, lang=language).casefold() for shape in shapes}


def meets(word, surface):
    if word.lemma:
        return bool(dictionary_forms(word.text, word.lemma) & dictionary_forms(surface, word.lemma))
    plain = unicodedata.normalize("NFC", surface).replace("’", "'").replace("ʼ", "'")
    text = plain if word.cased else plain.casefold()
    variants = {text}
    if "'" in text:
        variants.add(text.removesuffix("'s"))
        variants |= {text[len(start) :] for start in ELIDED if text.casefold().startswith(start)}
    if word.bare:
        variants = {stripped(variant) for variant in variants}
    pattern = "".join("[^\\W]" if letter == "?" else re.escape(letter) for letter in word.text)
    pattern += ".*" if word.prefix else ""
    return any(re.fullmatch(pattern, variant, re.DOTALL) for variant in variants)


class Document:
    def __init__(self, title, body):
        self.parts = {"title": (title, words_of(title)), "body": (body, words_of(body))}

    def scopes(self):
        return [(name, 0, len(words)) for name, (_, words) in self.parts.items()]

    def units(self, part, kind):
        text, words = self.parts[part]
        for start, end in (sentences if kind == "sentence" else paragraphs)(text):
            inside = [number for number, (_, first, _) in enumerate(words) if start <= first < end]
            if inside:
                yield inside[0], inside[-1] + 1


def minimal(intervals):
    found = set(intervals)
    return {one for one in found if not any(one != o and one[0] <= o[0] and o[1] <= one[1] for o in found)}


def intervals(node, document, scope):
    part, low, high = scope
    words = document.parts[part][1]
    match node:
        case s.Word():
            return {(at, at + 1) for at in range(low, high) if meets(node, words[at][0])}
        case s.Phrase():
            size = len(node.words)
            return {
                (at, at + size)
                for at in range(low, high - size + 1)
                if all(meets(word, words[at + n][0]) for n, word in enumerate(node.words))
            }
        case s.Or():
            return minimal(one for child in node.children for one in intervals(child, document, scope))
        case s.Near():
            left, right = intervals(node.left, document, scope), intervals(node.right, document, scope)
            pairs = [(a, b) for a, b in product(left, right)] + (
                [] if node.ordered else [(b, a) for a, b in product(left, right)]
            )
            return minimal((a[0], b[1]) for a, b in pairs if a[1] <= b[0] and b[0] - a[1] + 1 <= node.within)
    raise AssertionError(node)


def most_apart(spans):
    """The most intervals of which none overlap, by trying."""
    best, end = 0, {}
    for part, (first, last) in sorted(spans, key=lambda one: one[1][1]):
        if first >= end.get(part, 0):
            end[part] = last
            best += 1
    return best


def holds(node, document, scopes=None):
    scopes = document.scopes() if scopes is None else scopes
    match node:
        case s.And():
            return all(holds(child, document, scopes) for child in node.children)
        case s.Or():
            return any(holds(child, document, scopes) for child in node.children)
        case s.Not():
            return not holds(node.child, document, scopes)
        case s.Within():
            return any(
                holds(node.child, document, [(part, max(low, start), min(high, end))])
                for part, low, high in scopes
                for start, end in document.units(part, node.unit)
                if max(low, start) < min(high, end)
            )
        case s.Part():
            return holds(node.child, document, list(narrowed(node.name, scopes)))
        case s.AtLeast():
            spans = [(scope[0], one) for scope in scopes for one in intervals(node.child, document, scope)]
            return most_apart(spans) >= node.count
        case _:
            return any(intervals(node, document, scope) for scope in scopes)


def narrowed(name, scopes):
    for part, low, high in scopes:
        if name == "lead":
            if part == "body" and low < min(high, LEAD):
                yield part, low, min(high, LEAD)
        elif part == name:
            yield part, low, high
