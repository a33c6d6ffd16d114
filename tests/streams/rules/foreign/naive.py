"""What queries of other tools mean, evaluated the slow way from their documentation, on a text of plain words.

Nothing here is taken from the translation. A query is a tuple whose first item says what it is; every dialect writes
it in its own way.

("word", w)  ("phrase", w, ...)  ("and", q, ...)  ("or", q, ...)  ("not", q, r): q and not r
("near", n, ordered, q, r): at most n words between; q and r are words, phrases, or ORs of words
Brandwatch's own: ("loose", n, w, v)
Lucene's own:
("clauses", (sign, q), ...)  ("slop", n, w, v)  ("least", n, q, ...)  ("within", n, q, r)  ("width", n, q, r)
"""


def places(query, words):
    """Every run of words that meets a query which has a place."""
    match query:
        case ("word", word):
            return {(at, at + 1) for at, one in enumerate(words) if one == word}
        case ("phrase", *asked):
            starts = range(len(words) - len(asked) + 1)
            return {(at, at + len(asked)) for at in starts if words[at : at + len(asked)] == asked}
        case ("or", *inner):
            return {place for one in inner for place in places(one, words)}
    raise AssertionError(query)


def between(one, other):
    """How many words stand between two runs, the first one first; negative where it is not."""
    return other[0] - one[1]


def pairs(left, right, words):
    return [(one, other) for one in places(left, words) for other in places(right, words)]


def near(most, ordered, left, right, words):
    return any(
        0 <= between(one, other) <= most or (not ordered and 0 <= between(other, one) <= most)
        for one, other in pairs(left, right, words)
    )


def holds(query, words):
    match query:
        case ("and", *inner):
            return all(holds(one, words) for one in inner)
        case ("or", *inner):
            return any(holds(one, words) for one in inner)
        case ("not", one, other):
            return holds(one, words) and not holds(other, words)
        case ("near", most, ordered, left, right):
            return near(most, ordered, left, right, words)
        case ("loose", most, first, second):
            return near(most, False, ("word", first), ("word", second), words)
        case ("clauses", *clauses):
            required, optional, barred = (
                [one for sign, one in clauses if sign == wanted] for wanted in ("+", "", "-")
            )
            met = all(holds(one, words) for one in required)
            met = met and (bool(required) or any(holds(one, words) for one in optional))
            return met and not any(holds(one, words) for one in barred)
        case ("slop", most, first, second):
            moved = [(b - 1) - a for (a, _), (b, _) in pairs(("word", first), ("word", second), words)]
            return any(abs(one) <= most for one in moved)
        case ("least", count, *inner):
            return sum(holds(one, words) for one in inner) >= count
        case ("within", most, left, right):
            return any(0 < abs(a - b) <= most for (a, _), (b, _) in pairs(left, right, words))
        case ("width", most, left, right):
            return any(a < b and b - a + 1 <= most for (a, _), (b, _) in pairs(left, right, words))
    return bool(places(query, words))


def brandwatch(query):
    match query:
        case ("word", word):
            return word
        case ("phrase", *asked):
            return f'"{" ".join(asked)}"'
        case ("and" | "or" as joint, *inner):
            return f" {joint.upper()} ".join(bracketed(brandwatch, one) for one in inner)
        case ("not", one, other):
            joint = " NOT " if len(str(query)) % 2 else " AND NOT "
            return f"{bracketed(brandwatch, one)}{joint}{bracketed(brandwatch, other)}"
        case ("near", most, ordered, left, right):
            forward = "f" if ordered else ""
            return f"{bracketed(brandwatch, left)} NEAR/{most}{forward} {bracketed(brandwatch, right)}"
        case ("loose", most, first, second):
            return f'"{first} {second}"~{most}' if most % 2 else f"({first} AND {second})~{most}"
    raise AssertionError(query)


def meltwater(query):
    match query:
        case ("near", most, ordered, left, right):
            operator = "ONEAR" if ordered else "NEAR"
            operator += "" if most == 4 else f"/{most}"
            return f"{bracketed(meltwater, left)} {operator} {bracketed(meltwater, right)}"
        case ("and" | "or" as joint, *inner):
            return f" {joint.upper()} ".join(bracketed(meltwater, one) for one in inner)
        case ("not", one, other):
            return f"{bracketed(meltwater, one)} NOT {bracketed(meltwater, other)}"
    return brandwatch(query)


def lucene(query):
    match query:
        case ("and" | "or" as joint, *inner):
            mark = {"and": "&&", "or": "||"}[joint] if len(inner) > 2 else joint.upper()
            return f" {mark} ".join(bracketed(lucene, one) for one in inner)
        case ("not", one, other):
            return f"+{bracketed(lucene, one)} -{bracketed(lucene, other)}"
        case ("near", most, ordered, left, right):
            return f"fn:maxgaps({most} fn:{'' if ordered else 'un'}ordered({interval(left)} {interval(right)}))"
        case ("clauses", *clauses):
            return " ".join(sign + bracketed(lucene, one) for sign, one in clauses)
        case ("slop", most, first, second):
            return f'"{first} {second}"~{most}'
        case ("least", count, *inner):
            return f"({' '.join(bracketed(lucene, one) for one in inner)})@{count}"
        case ("within", most, left, right):
            return f"fn:within({interval(left)} {most} {interval(right)})"
        case ("width", most, left, right):
            return f"fn:maxwidth({most} fn:ordered({interval(left)} {interval(right)}))"
    return brandwatch(query)


def interval(query):
    return f"fn:or({' '.join(one[1] for one in query[1:])})" if query[0] == "or" else brandwatch(query)


def bracketed(writer, query):
    text = writer(query)
    alone = ("word", "phrase", "slop", "loose", *(("near", "within", "width") if writer is lucene else ()))
    return text if query[0] in alone else f"({text})"
