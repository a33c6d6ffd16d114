"""What a matched sentence says: asserted or not, now or recalled, by whom it is done and by whom it is said."""

from streams.statements.choose import choose
from streams.statements.read import Reading, read

__all__ = ["Reading", "choose", "read"]
