"""Whom a sentence is attributed to, on PolNeAR's labelled attributions, where that folder exists.

    python benchmarks/quotes.py [../shared/data/quotes_polnear]

Taken are attributions whose cue is a verb of speech and whose source is a name (a capital in it). Coverage: how many
get a speaker at all. Precision: of these, how many share a capitalised word of four letters or more with the source.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from streams.statements.lexicon import phrases, tokens
from streams.statements.passage import Passage, passages
from streams.statements.speaker import speaker
from wire.records import Article


def labelled(path: Path) -> list[tuple[tuple[int, int], str, str]]:
    """Character span of the content, cue and source of each attribution that has all three."""
    spans: dict[str, tuple[int, int, str]] = {}
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("\t")
        if name.startswith("T"):
            place, _, text = rest.partition("\t")
            numbers = [int(number) for number in re.findall(r"\d+", place)]
            spans[name] = (numbers[0], numbers[-1], text)
        elif name.startswith("E"):
            roles = dict(part.split(":") for part in rest.split())
            if {"Content", "Cue", "Source"} <= roles.keys() and all(roles[key] in spans for key in roles):
                start, end, _ = spans[roles["Content"]]
                found.append(((start, end), spans[roles["Cue"]][2], spans[roles["Source"]][2]))
    return found


def names(text: str) -> set[str]:
    """Capitalised words of four letters or more."""
    return set(re.findall(r"\b[A-ZÀ-Þ][\w’'-]{3,}", text))


def is_speech(cue: str) -> bool:
    """Whether a cue is a verb of speech as we know them."""
    return any(one.meaning == "verbs" for one in phrases("speech", "en").find(tokens(cue)))


def sentence_of(whole: tuple[Passage, ...], text: str, at: int) -> int | None:
    """The body's sentence that holds a character."""
    position = 0
    for number, passage in enumerate(whole):
        start = text.find(passage.text, position)
        if start < 0:
            continue
        position = start
        if start <= at < start + len(passage.text):
            return number
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/data/quotes_polnear"))
    options = parser.parse_args()
    if not options.folder.is_dir():
        raise SystemExit(f"no folder {options.folder}")
    asked = told = right = 0
    for path in sorted((options.folder / "attributions").glob("*.ann")):
        (file,) = sorted((options.folder / "text").glob(f"{path.stem.rpartition('_')[0]}*.txt"))[:1] or (None,)
        if file is None:
            continue
        text = file.read_text(encoding="utf-8")
        article = Article(id="a", revision="r", url="u", title="", text=text, publisher="p", language="en")
        whole = passages(article)
        for (start, _), cue, source in labelled(path):
            if not names(source) or not is_speech(cue):
                continue
            at = sentence_of(whole, text, start)
            if at is None:
                continue
            asked += 1
            words = list(range(len(whole[at].tokens)))[:1]
            found = speaker(whole, at, words, "en").name
            if found:
                told += 1
                right += bool(names(source) & names(found))
    print(
        json.dumps({"asked": asked, "coverage": round(told / asked, 3), "precision": round(right / max(1, told), 3)})
    )


if __name__ == "__main__":
    main()
