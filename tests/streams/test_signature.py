"""Near-copies have near signatures, the same in every process."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from streams.signature import NEAR, SIZE, signature, similarity

TEXT = " ".join(f"word{number * number % 977}" for number in range(400))


def test_a_reprint_with_another_end_is_near_and_another_text_is_far():
    assert similarity(signature(TEXT), signature(TEXT.upper() + " Reporting by our own staff.")) >= NEAR
    assert similarity(signature(TEXT), signature(" ".join(reversed(TEXT.split())))) < 0.1


def test_the_estimate_is_close_to_the_true_index():
    words = [f"w{number}" for number in range(2000)]
    half = similarity(signature(" ".join(words[:1500])), signature(" ".join(words[500:])))
    assert abs(half - 0.5) < 0.2


@given(a=st.text(max_size=200), b=st.text(max_size=200))
def test_laws(a, b):
    x, y = signature(a), signature(b)
    assert len(x) <= SIZE
    assert list(x) == sorted(set(x))
    assert all(0 <= value < 2**32 for value in x)
    assert similarity(x, y) == similarity(y, x)
    assert similarity(x, x) == (1.0 if x else 0.0)


def test_another_process_agrees():
    code = "import sys; from streams.signature import signature; print(signature(sys.argv[1]))"
    out = subprocess.run([sys.executable, "-c", code, TEXT], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(signature(TEXT))
