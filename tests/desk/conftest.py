"""What the tests of the command line share."""

import pytest

from desk.cli import main


@pytest.fixture
def cli(capsys):
    """Runs the command; gives the exit code and what it printed on both streams."""

    def run(*arguments):
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run
