"""`python -m desk.cli`: the same as `tocsin`."""

from desk.cli import main

main()
