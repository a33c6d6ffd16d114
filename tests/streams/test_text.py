"""Where sentences and paragraphs begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.text import paragraphs, sentences


def cut(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Ships left.", "Nobody waved."],
        ["Mr. Smith left.", "Dr. J. R. Jones stayed."],
        ["The U.S. Navy left at 5.30 p.m. on Monday."],
        ["“We left,” she said.", "“They stayed.”", "Nobody knows why."],
        ["It rose 3.5 per cent.", "No. 7 was closed."],
        ["Wait... and see.", "What now?", "Nothing!"],
        ["He asked “Why?” and left."],
        ["Об этом заявил представитель МИД.", "В 2024 г. было иначе."],
        ["« Nous partons », a dit M. Dupont.", "Il est parti."],
        ["Am 3. Oktober war er da.", "Dann ging er."],
        ["Die EU hat ihr 21. Paket beschlossen.", "Es waren 27.", "Das reicht."],
        ["Das sagten die 27.", "Die EU schwieg."],
        ["Es gab Ausnahmen, z. B. am Montag.", "Sonst nicht."],
        ["Це сказав речник, тобто представник уряду.", "Інших немає."],
    ],
)
def test_sentences(parts):
    assert cut(" ".join(parts)) == parts


def test_no_sentence_runs_over_a_paragraph():
    assert cut("A headline\n\nA sentence that\ngoes on. Another") == [
        "A headline",
        "A sentence that\ngoes on.",
        "Another",
    ]


@given(st.text(alphabet=st.sampled_from("ab. !?\n\"“”…A«»'9"), max_size=80))
def test_every_character_that_is_no_space_is_in_exactly_one_sentence(text):
    covered = [0] * len(text)
    last = 0
    for start, end in sentences(text):
        assert last <= start < end
        last = end
        assert not text[start].isspace() and not text[end - 1].isspace()
        for at in range(start, end):
            covered[at] += 1
    assert all(count == 1 or letter.isspace() for count, letter in zip(covered, text, strict=True))
    assert "".join("".join(text[a:b].split()) for a, b in paragraphs(text)) == "".join(text.split())
