"""What becomes of queries of other tools: one table for each dialect in tests/golden/translate.

A line at the margin is a query. Under it stand our query and its languages (`=`), each refused piece with the reason
and whether the query now meets more or less (`!`), and each change of meaning (`~`).
"""

import re
from pathlib import Path

import pytest

from streams.rules import parse_query
from streams.rules.foreign import DIALECTS, translate

TABLES = Path(__file__).parent / "translate"


def cases():
    for dialect in DIALECTS:
        query, said = "", []
        for line in [*(TABLES / f"{dialect}.txt").read_text(encoding="utf-8").splitlines(), "# end"]:
            if line.startswith("    "):
                said.append(line.strip())
            elif line.strip():
                if query:
                    yield pytest.param(dialect, query, said, id=f"{dialect}: {query[:40]}")
                query, said = "" if line.startswith("# ") else line, []


@pytest.mark.parametrize(("dialect", "query", "said"), list(cases()))
def test_a_query_becomes_what_the_table_says(dialect, query, said):
    found = translate(query, dialect)
    languages = f"  {','.join(found.languages)}" if found.languages else ""
    says = [f"= {found.query}{languages}"] if found.query else []
    for one in found.refused:
        effect = f" | {one.effect.rpartition(' ')[2]}" if one.effect else ""
        says.append(f"! {query[one.at : one.end]} | {one.message}{effect}")
    says += dict.fromkeys(f"~ {one.message}" for one in found.notes if one.changed)
    assert says == said
    assert not found.query or parse_query(found.query)


def test_every_dialect_has_a_long_table():
    assert all(sum(case.values[0] == dialect for case in cases()) >= 30 for dialect in DIALECTS)


def documented():
    """Each query of the table in docs/rules.md with what it becomes there."""
    page = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
    table = page.split("### From other tools")[1].split("| Lucene |")[1].split("\n\n")[0]
    for line in table.splitlines()[2:]:
        *cells, here = [cell.strip() for cell in line.strip("|").split("|")]
        for dialect, cell in zip(("lucene", "brandwatch", "meltwater"), cells, strict=True):
            for query in re.findall("`([^`]+)`", cell):
                yield dialect, query, here


@pytest.mark.parametrize(("dialect", "query", "here"), list(documented()))
def test_the_table_of_the_documentation_is_true(dialect, query, here):
    found = translate(query, dialect)
    assert (found.query, bool(found.refused)) == (("", True) if here == "refused" else (here.strip("`"), False))


def test_the_table_of_the_documentation_was_found():
    assert len(list(documented())) > 40
