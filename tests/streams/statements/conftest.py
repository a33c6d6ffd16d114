"""The rules that a module states as `RULES`, and what they read in a text of Wednesday, 4 March 2026."""

from datetime import UTC, datetime

import pytest

from streams.rules import load_rules
from streams.statements import read
from tests.newsday import an_article

AT = datetime(2026, 3, 4, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def ruleset(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(request.module.RULES)
    return load_rules(path)


@pytest.fixture
def matched(ruleset):
    """An article of a text, and its matches."""

    def match_text(text, *, title="", language="en"):
        article = an_article("https://a.test/", title, text, AT, language)
        return article, ruleset.match(article)

    return match_text


@pytest.fixture
def readings(matched):
    """Every reading of a text, under one rule or all of them."""

    def read_text(text, rule=None, **told):
        article, found = matched(text, **told)
        return [one for match in found if rule in (None, match.rule.id) for one in read(article, match)]

    return read_text
