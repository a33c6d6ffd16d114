"""The compiled engine: the same answers as `streams.rules.engine`, for many rules and many articles.

Imported when the first article is matched by it, for numba takes half a second to load.
"""
