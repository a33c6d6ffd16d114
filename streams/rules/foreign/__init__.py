"""Queries of Brandwatch, Meltwater and Lucene, turned into ours."""

from streams.rules.foreign.translation import DIALECTS, Translation, translate

__all__ = ["DIALECTS", "Translation", "translate"]
