"""What all tests share."""

import os

os.environ["RULES_ENGINE"] = "plain"
"""Only tests that ask for the compiled engine wait for its kernels, some twenty seconds where no cache of them is."""
