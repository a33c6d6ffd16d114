"""The rule language: queries, rule files, and the engine that matches articles."""

from streams.rules.files import load_rules
from streams.rules.model import Hit, InlineTest, Match, Rule, RuleSet, StatementPolicy
from streams.rules.parse import parse_query
from streams.rules.testing import run_tests
from streams.rules.tokens import QueryError

__all__ = [
    "Hit",
    "InlineTest",
    "Match",
    "QueryError",
    "Rule",
    "RuleSet",
    "StatementPolicy",
    "load_rules",
    "parse_query",
    "run_tests",
]
