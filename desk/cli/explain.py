"""`tocsin rules explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from desk.cli.output import config_option, json_line, json_option, plain
from desk.cli.page import article_of_page, header, is_address, read

MARK = "✓", "✗"
MOST_TEXT = 100
"""Characters of a clause that are shown."""


@click.command("explain")
@click.argument("rule")
@click.argument("text")
@click.option(
    "--rules",
    "rules",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Rule files or folders; deploy/rules if none are given. May be repeated.",
)
@click.option("--title", default="", help="The headline that stands over TEXT; in place of the page's own.")
@click.option("--language", default="", help="The text's language, as in `en`; all queries of the rule if not given.")
@config_option
@json_option
def command(
    rule: str, text: str, rules: tuple[Path, ...], title: str, language: str, config: Path | None, as_json: bool
) -> None:
    """Show why RULE fires on TEXT or does not: its clauses, where each is met, and by how much one fails.

    TEXT is a text, the name of a file with one, `-` for standard input, or the http address of a page. After the
    query come the sentences that it found, each with what the statement layer reads in it and why it keeps the
    sentence back.

    A page is asked for once, where its site's robots.txt allows it and within the settings' limits; an address that
    is not public is asked for only where the setting `http.allow` names it. A page that gives no article is an error
    (exit code 2) with the reason's name.
    """
    from desk.paths import DEPLOY
    from streams.rules import load_rules

    ruleset = load_rules(*(rules or (DEPLOY / "rules",)))
    chosen = next((one for one in ruleset.rules if one.id == rule), None)
    if chosen is None:
        import difflib

        near = difflib.get_close_matches(rule, [one.id for one in ruleset.rules], 1, 0.4)
        raise click.UsageError(f"no rule is named {rule}" + (f"; did you mean {near[0]}?" if near else ""))
    if is_address(text):
        page = read(text.strip(), config, as_json)
        found = {"page": header(page), **explained(chosen, article_of_page(page, title, language))}
    else:
        from streams.rules.testing import article_of

        found = explained(chosen, article_of(title, _text(text), language))
    if as_json:
        json_line(found)
    else:
        for line in _shown(found):
            click.echo(line)
    sys.exit(0 if found["fires"] else 1)


def _text(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    try:
        path = Path(text)
        return path.read_text(encoding="utf-8") if path.is_file() else text
    except (OSError, ValueError):  # too long for a name, or no name at all
        return text


def explained(rule: Any, article: Any) -> dict[str, Any]:
    """Queries with their trees, readings, and whether the rule fires."""
    from streams.pipeline import READER
    from streams.rules import RuleSet
    from streams.rules.explain import explain

    title, body, language = article.title, article.text, article.language
    queries = [
        {"key": key, "language": name, "holds": tree.holds, "clauses": list(_rows(tree, title, body))}
        for key, asked in (("when", rule.queries), ("unless", rule.unless))
        for name, node in asked.items()
        if not language or name in (language, "*")
        for tree in (explain(node, title, body),)
    ]
    alone = RuleSet("explain", (rule,))
    readings = [reading for match in alone.match(article) for reading in READER.read(article, match)]
    fires = bool(READER.judge(article, alone).detections)
    return {"rule": rule.id, "fires": fires, "queries": queries, "sentences": [_sentence(one) for one in readings]}


def _rows(tree: Any, title: str, body: str) -> Iterator[dict[str, Any]]:
    texts = {"title": title, "body": body}
    for depth, clause in tree.lines():
        places = [
            {"part": part, "spans": spans, "text": " … ".join(texts[part][start:end] for start, end in spans)}
            for part, spans in clause.places
        ]
        yield {"depth": depth, "clause": clause.text, "holds": clause.holds, "why": clause.why, "places": places}


def _sentence(reading: Any) -> dict[str, Any]:
    evidence, statement = reading.evidence, reading.statement
    cues = [f"{cue.label}: {evidence.sentence[cue.start : cue.end]}" for cue in statement.cues]
    return {
        "sentence": evidence.sentence,
        "spans": evidence.spans,
        "suppressed": reading.suppressed,
        "actors": statement.actors,
        "speaker": statement.speaker,
        "cues": cues,
    }


def _shown(found: dict[str, Any]) -> Iterator[str]:
    for name, value in found.get("page", {}).items():
        yield f"{name:<11}{plain(value) or 'not found'}"
    if "page" in found:
        yield ""
    yield f"{found['rule']}: {'fires' if found['fires'] else 'is silent'}"
    for query in found["queries"]:
        language = "" if query["language"] == "*" else f" ({query['language']})"
        says = "holds" if query["holds"] else "does not hold"
        yield f"\n{query['key']}{language} {says}" + ("; the rule is barred" if _bars(query) else "")
        for row in query["clauses"]:
            yield _line(row)
    if not found["queries"]:
        yield "\nno query of the rule is for this language"
    for one in found["sentences"]:
        yield f"\n{_marked(one['sentence'], one['spans'])}"
        for name in ("actors", "cues"):
            if one[name]:
                yield f"    {name}: {', '.join(one[name])}"
        if one["speaker"]:
            yield f"    speaker: {one['speaker']}"
        kept = one["suppressed"]
        yield f"    kept back: {kept}" if kept else "    counts"


def _bars(query: dict[str, Any]) -> bool:
    return bool(query["key"] == "unless" and query["holds"])


def _line(row: dict[str, Any]) -> str:
    clause = row["clause"]
    clause = clause if len(clause) <= MOST_TEXT else clause[: MOST_TEXT - 1] + "…"
    texts = list(dict.fromkeys(f"{place['part']} {place['spans'][0][0]}: {place['text']}" for place in row["places"]))
    says = f"   {row['why']}" if row["why"] else f"   [{'; '.join(texts)}]" if texts else ""
    return f"  {'  ' * row['depth']}{MARK[0] if row['holds'] else MARK[1]} {clause}{says}"


def _marked(sentence: str, spans: Any) -> str:
    """The sentence with what was matched in bold; in square brackets where that cannot be shown."""
    bold = sys.stdout.isatty()
    shown, at = "", 0
    for start, end in sorted(spans):
        if start >= at:
            piece = sentence[start:end]
            shown += sentence[at:start] + (click.style(piece, bold=True) if bold else f"[{piece}]")
            at = end
    return shown + sentence[at:]
