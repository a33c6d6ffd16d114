"""How long rules take from their files to the first match, and how an edit is taken over while articles are matched.

    python benchmarks/reload.py [--rules 10000,50000]

*Load*: seconds in a fresh process from the files to the first answer of the compiled engine, cold and with everything
kept on disk; the compiled kernels are there in both. *Edit*: another thread matches all the time, one article after
the other; one rule of one file is changed, and the seconds are told until the new ruleset has answered, until it is
compiled as a whole, and, for comparison, of loading and compiling it all; with each the longest time between two
answers of that thread. The rules are those of `benchmarks/match.py`, monitoring-like; one in five names a list.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

from rules_and_news import Language, articles, rules

from streams.rules import RuleSet, load_rules
from streams.rules.bind import written

IN_A_FILE = 2_500
LISTS = 200
EDITS = 5


def write_files(folder: Path, count: int) -> None:
    """So many rules, and the lists that they name."""
    language, pick = Language(1), random.Random(5)
    lists = {
        f"list{n}": [language.words[pick.randrange(2_500, 40_000)] for _ in range(pick.randrange(5, 40))]
        for n in range(LISTS)
    }
    lines = [f"  {name}: [{', '.join(words)}]\n" for name, words in lists.items()]
    (folder / "lists.yaml").write_text("lists:\n" + "".join(lines))
    made = rules(language, count, 3, dense=False)
    for first in range(0, count, IN_A_FILE):
        parts = ["rules:\n"]
        for rule in made[first : first + IN_A_FILE]:
            query = written(rule.queries["*"])
            if pick.random() < 0.2:
                query = f"({query}) {pick.choice(['AND', 'OR'])} ${pick.choice(list(lists))}"
            parts.append(
                f"  - id: {rule.id}\n    title: The rule {rule.id}\n    severity: low\n    when: '{query}'\n"
            )
            if pick.random() < 0.3:
                parts.append("    statement: {require: [asserted], actor: state_or_bloc}\n    story: {window: 72h}\n")
        (folder / f"{first:06}.yaml").write_text("".join(parts))


def loaded(folder: Path) -> dict[str, Any]:
    """What a fresh process needs to its first answer."""
    one = articles(Language(1), 1, 3_000, 2)
    begun, worked = time.perf_counter(), time.process_time()
    ruleset = load_rules(folder)
    read = time.perf_counter()
    next(ruleset.match_many(one))
    done = time.perf_counter()
    return {
        "load_s": round(read - begun, 2),
        "first_match_s": round(done - read, 2),
        "total_s": round(done - begun, 2),
        "processor_s": round(time.process_time() - worked, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class Reader(threading.Thread):
    """Matches one article after the other under the ruleset at hand."""

    def __init__(self, ruleset: RuleSet) -> None:
        super().__init__(daemon=True)
        self.ruleset = ruleset
        self.answered = array("d")  # a list would be looked through by the garbage collector
        self.read = articles(Language(1), 300, 3_000, 2)
        self._halt = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._halt.is_set():
            self.ruleset.match(self.read[number % len(self.read)])
            self.answered.append(time.perf_counter())
            number += 1

    def stop(self) -> None:
        self._halt.set()
        self.join()

    def longest_ms(self, begun: float, done: float) -> float:
        """The longest time between two answers."""
        times = [begun, *(one for one in self.answered if begun < one < done), done]
        return round(max(after - before for before, after in pairwise(times)) * 1e3, 1)


def edited(folder: Path) -> dict[str, Any]:
    """What an edit costs, the middle and the most of some, while another thread matches."""
    ruleset = load_rules(folder)
    ruleset._matcher.warm()
    reader = Reader(ruleset)
    reader.start()
    time.sleep(3)
    begun = time.perf_counter()
    time.sleep(3)
    found: dict[str, Any] = {"idle_gap_ms": reader.longest_ms(begun, time.perf_counter())}
    path = sorted(folder.glob("0*.yaml"))[-1]
    text = path.read_text()
    rows = []
    for turn in range(EDITS):
        path.write_text(text.replace("when: '", f"when: 'edit{turn} OR ", 1))
        rows.append(one_edit(folder, reader))
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        found[name] = [values[len(values) // 2], values[-1]]
    begun = time.perf_counter()
    path.write_text(text + "# not compiled before\n")
    anew = load_rules(folder)
    anew._matcher.warm()
    done = time.perf_counter()
    reader.stop()
    return found | {"anew_s": round(done - begun, 2), "anew_gap_ms": reader.longest_ms(begun, done)}


def one_edit(folder: Path, reader: Reader) -> dict[str, float]:
    """Take over what stands in the files now, and let the whole be compiled."""
    begun = time.perf_counter()
    reader.ruleset = newer = load_rules(folder, before=reader.ruleset)
    newer.match(reader.read[0])
    answered = time.perf_counter()
    for thread in threading.enumerate():
        if thread.name == "rules":
            thread.join()
    whole = time.perf_counter()
    return {
        "edit_to_match_s": round(answered - begun, 3),
        "edit_gap_ms": reader.longest_ms(begun, answered),
        "rebuild_s": round(whole - answered, 2),
        "rebuild_gap_ms": reader.longest_ms(answered, whole),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", default="10000,50000")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        what, folder = options.one
        print(json.dumps((loaded if what == "load" else edited)(Path(folder))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        environ = os.environ | {"RULES_CACHE": f"{temporary}/cache", "RULES_ENGINE": "compiled"}

        def measured(what: str, folder: Path) -> dict[str, Any]:
            done = subprocess.run(
                [sys.executable, __file__, "--one", what, str(folder)],
                env=environ,
                check=True,
                stdout=subprocess.PIPE,
            )
            return json.loads(done.stdout)  # type: ignore[no-any-return]

        for count in map(int, options.rules.split(",")):
            folder = Path(temporary) / str(count)
            folder.mkdir()
            write_files(folder, 100)
            measured("load", folder)  # the kernels
            write_files(folder, count)
            for name in ("cold", "kept"):
                print(json.dumps({"rules": count, "load": name} | measured("load", folder)), flush=True)
            print(json.dumps({"rules": count} | measured("edit", folder)), flush=True)


if __name__ == "__main__":
    main()
