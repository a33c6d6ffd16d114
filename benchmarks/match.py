"""How fast rules are matched, and how that grows with rules and text. One core, several rules and sizes.

    python benchmarks/match.py [--rules 100,1000,10000,50000] [--articles 1500] [--lucene] [--size 3000]

Each line is one setting, in a process of its own: microseconds of processor time and articles a second through
`RuleSet.match_many` (matches made, spans not asked for) and through single calls; candidates, evaluations and matches
an article; the same with every span asked for; the near-copy signature, by its definition, by the engine, and by the
engine where the article's words were found already; building cold and from the disk, memory. Beside them on the same
articles: tokenising alone, every rule in turn, finding the terms with pyahocorasick where it is installed, and
Lucene's Monitor where Java and Maven are, with the hits of both compared. Speed without the density of matches beside
it says nothing.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from rules_and_news import Language, articles, rules

from streams.rules import Rule, RuleSet
from streams.rules import syntax as s
from streams.rules.engine import Words
from streams.rules.matcher import Matcher, Plain
from streams.signature import signature
from wire.records import Article

HERE = Path(__file__).parent
LUCENE = HERE / "lucene"
TRIES = 5


def best(action: Callable[[], Any], tries: int = TRIES) -> float:
    """Seconds of processor time of the quickest of some runs, the collector resting."""
    times = []
    gc.collect()
    gc.disable()
    for _ in range(tries):
        begun = time.process_time()
        action()
        times.append(time.process_time() - begun)
    gc.enable()
    return min(times)


def memory_mb() -> float:
    """Resident memory of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def measured(count: int, dense: bool, size: int, number: int, lucene: bool) -> dict[str, Any]:
    """One setting."""
    language = Language(1)
    read = articles(language, number, size, 2)
    made = rules(language, count, 3, dense=dense)
    Matcher(RuleSet("warm", tuple(made[:2]))).warm().match([("a b", "c. D", "en")])  # the kernels
    found: dict[str, Any] = {"rules": count, "kind": "dense" if dense else "monitoring", "bytes": size}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RULES_CACHE"] = folder
        before = memory_mb()
        for name in ("build_cold_s", "build_cached_s"):
            begun = time.perf_counter()
            ruleset = RuleSet("bench", tuple(made), key=f"{count} {dense}")
            engine = ruleset._matcher.warm()
            found[name] = round(time.perf_counter() - begun, 2)
        found["memory_mb"] = round(memory_mb() - before)
    while engine.counts.articles < 8_192:
        list(ruleset.match_many(read))
    counts = engine.counts
    at = counts.articles, counts.candidates, counts.evaluations
    hits = [[int(match.rule.id[1:]) for match in one] for one in ruleset.match_many(read)]
    seen = counts.articles - at[0]
    found["candidates"] = round((counts.candidates - at[1]) / seen, 1)
    found["evaluations"] = round((counts.evaluations - at[2]) / seen, 1)
    found["matches"] = round(sum(map(len, hits)) / len(read), 2)

    took = best(lambda: list(ruleset.match_many(read))) / number
    found["us"], found["per_s"] = round(took * 1e6, 1), round(1 / took)
    found["single_us"] = round(best(lambda: [ruleset.match(one) for one in read], 3) / number * 1e6, 1)
    singles = []
    for one in read:
        begun = time.process_time()
        ruleset.match(one)
        singles.append(time.process_time() - begun)
    found["single_p99_us"] = round(sorted(singles)[int(0.99 * number)] * 1e6)
    few = read[:200]
    spans = best(lambda: [match.hits for one in ruleset.match_many(few) for match in one], 2) / len(few)
    found["with_spans_us"] = round(spans * 1e6, 1)
    found |= signatures(engine, read)
    found["tokenise_us"] = round(tokenising(engine, read) / number * 1e6, 1)
    found["plain_us"] = round(best(lambda: [ruleset._matcher.plain(one) for one in few], 2) / len(few) * 1e6)
    found["naive_us"] = round(in_turn(made, read[: max(2, 40_000 // count)], hits))
    found["ahocorasick_us"] = terms(made, few)
    if lucene:
        found["lucene"] = against_lucene(language, made, read, hits)
    return found


def signatures(engine: Any, read: Sequence[Article]) -> dict[str, float]:
    """Microseconds a near-copy signature of an article's text. What both make of it is compared."""
    texts = [(one.title, one.text, one.language) for one in read]
    assert [engine.evidence(one).signature for one in texts] == [signature(one[1]) for one in texts]
    plain = best(lambda: [signature(one[1]) for one in texts], 2)
    whole = best(lambda: [engine.evidence(one).signature for one in texts])
    waiting = [[engine.evidence(one) for one in texts] for _ in range(TRIES)]
    assert all(one.tokens for many in waiting for one in many)
    known = best(lambda: [one.signature for one in waiting.pop()])
    parts = {"signature_plain_us": plain, "signature_us": whole, "signature_after_words_us": known}
    return {name: round(took / len(texts) * 1e6, 1) for name, took in parts.items()}


def tokenising(engine: Any, read: Sequence[Article]) -> float:
    """Seconds to part all articles into words and look these up, nothing else."""
    from streams.rules.compiled.engine import joined

    texts = [(one.title, one.text, one.language) for one in read]
    return best(lambda: [engine.table.words(*joined(texts[at : at + 64])) for at in range(0, len(texts), 64)])


def in_turn(made: Sequence[Rule], read: Sequence[Article], hits: Sequence[Sequence[int]]) -> float:
    """Microseconds an article of trying every rule in the plain engine. What it finds is compared."""
    plain = Plain([(rule.queries, rule.unless) for rule in made])
    begun = time.process_time()
    for one, known in zip(read, hits, strict=False):
        parts = plain.parts(Words(one.title), Words(one.text))
        held = [number for number, _ in plain.held(range(len(made)), one.language, parts)]
        assert held == known, "the engines differ"
    return (time.process_time() - begun) / len(read) * 1e6


def terms(made: Sequence[Rule], read: Sequence[Article]) -> float | str:
    """Microseconds an article of finding the rules' words alone."""
    try:
        import ahocorasick
    except ImportError:
        return "not installed"
    automaton = ahocorasick.Automaton()
    for word in {word for rule in made for query in rule.queries.values() for word in s.words(query)}:
        automaton.add_word((" " + word.text) if word.prefix else f" {word.text} ", len(word.text))
    automaton.make_automaton()
    texts = [f" {one.title}  {one.text} ".lower().replace(".", " ").replace(",", " ") for one in read]
    return round(best(lambda: [sum(1 for _ in automaton.iter(text)) for text in texts]) / len(read) * 1e6, 1)


def against_lucene(
    language: Language, made: Sequence[Rule], read: Sequence[Article], hits: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Lucene's best setting over the same, and in how many (article, rule) the hits differ."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        (where / "rules").write_text("\n".join(postfix(rule.queries["*"], language) for rule in made))
        lines = ["\t".join((one.title, flat(one.text), f"{one.title}|{sentences(one.text)}")) for one in read]
        (where / "articles").write_text("\n".join(lines))
        paths = [str(where / name) for name in ("rules", "articles", "hits")]
        java = [
            "java",
            "-XX:+UseSerialGC",
            "-Xmx3g",
            "-cp",
            f"{LUCENE}/target/classes:{LUCENE}/target/lib/*",
            "Match",
        ]
        done = subprocess.run([*java, *paths, "20"], capture_output=True, text=True, check=False)
        if done.returncode:
            return {"failed": done.stderr[-300:]}
        settings = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        theirs = [[int(word) for word in line.split()] for line in (where / "hits").read_text().split("\n")[:-1]]
    differ = sum(len(set(a) ^ set(b)) for a, b in zip(hits, theirs, strict=False))
    compared = len(theirs)
    total = sum(len(one) for one in hits[:compared])
    return min(settings, key=lambda one: one["us"]) | {"compared": compared, "hits": total, "differ": differ}


def flat(text: str) -> str:
    """One line."""
    return text.replace("\n", " ")


def sentences(text: str) -> str:
    """One line with marks between sentences, parted as the engine parts them."""
    from streams.text import sentences as split

    return "|".join(flat(text[start:end]) for start, end in split(text))


def postfix(node: s.Node, language: Language) -> str:
    """A query for Match.java. Stems are spelled out, for Lucene's presearcher cannot use them."""
    match node:
        case s.Word() if node.prefix:
            first = bisect_left(language.ordered, node.text)
            found = list(takewhile(lambda word: word.startswith(node.text), islice(language.ordered, first, None)))
            return " ".join(f"w:{word}" for word in found) + (f" or:{len(found)}" if len(found) > 1 else "")
        case s.Word():
            return f"w:{node.text}"
        case s.Phrase():
            return " ".join(postfix(word, language) for word in node.words) + f" p:{len(node.words)}"
        case s.And() | s.Or():
            name = "and" if isinstance(node, s.And) else "or"
            return " ".join(postfix(one, language) for one in node.children) + f" {name}:{len(node.children)}"
        case s.Near():
            sides = f"{postfix(node.left, language)} {postfix(node.right, language)}"
            return f"{sides} near:{node.within}:{int(node.ordered)}"
        case s.Not():
            return f"{postfix(node.child, language)} not"
        case s.Within() | s.Part():
            return f"{postfix(node.child, language)} {'sent' if isinstance(node, s.Within) else 'title'}"
        case _:
            raise AssertionError(node)


def prepared() -> bool:
    """Whether Lucene could be fetched and Match.java compiled."""
    fetch = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
    try:
        subprocess.run(
            ["mvn", "-q", "-B", fetch, f"-DoutputDirectory={LUCENE}/target/lib", "-f", str(LUCENE / "pom.xml")],
            check=True,
            capture_output=True,
        )
        subprocess.run(
            [
                "javac",
                "-d",
                f"{LUCENE}/target/classes",
                "-cp",
                f"{LUCENE}/target/lib/*",
                str(LUCENE / "src/Match.java"),
            ],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"without Lucene: {error}", file=sys.stderr)
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", default="100,1000,10000,50000")
    parser.add_argument("--articles", type=int, default=1_500)
    parser.add_argument("--sizes", default="3000,6000")
    parser.add_argument("--lucene", action="store_true", help="Lucene's Monitor too, some two minutes a setting")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        count, kind, size, number, lucene = options.one.split(",")
        print(json.dumps(measured(int(count), kind == "dense", int(size), int(number), lucene == "1")))
        return
    lucene = options.lucene and prepared()
    for size in options.sizes.split(","):
        for kind in ("monitoring", "dense"):
            for count in options.rules.split(","):
                one = f"{count},{kind},{size},{options.articles},{int(lucene)}"
                subprocess.run([sys.executable, __file__, "--one", one], check=True)


if __name__ == "__main__":
    main()
