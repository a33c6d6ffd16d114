"""Start-up times and memory: `tocsin --help`, the dashboard's first answer, ready, and what the main process takes.

python benchmarks/start.py [--rules 1000]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from desk.paths import DEPLOY

RULE = """  - id: generated-{n}
    title: Generated {n}
    when: SENT((word{n}* OR other{n} OR "third thing{n}") AND (pledg* OR promis* OR agreed) NEAR/12 (ships OR troops))
"""


def best(command: list[str], tries: int = 5) -> float:
    """Seconds of the quickest of some runs."""
    times = []
    for _ in range(tries):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return min(times)


def started(rules: int, folder: Path) -> dict[str, float]:
    """`tocsin run` with so many rules and no feed: seconds to alive and ready, MB of memory."""
    (folder / "rules.yaml").write_text("rules:\n" + "".join(RULE.format(n=n) for n in range(rules)))
    config = folder / "tocsin.yaml"
    settings = {"data_dir": str(folder / "data"), "rules": [str(DEPLOY / "rules"), str(folder / "rules.yaml")]}
    config.write_text(yaml.safe_dump(settings | {"desk": {"port": 18431}}))
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "desk.cli", "run", "--config", str(config)], stderr=subprocess.DEVNULL
    )
    try:
        alive = until("http://127.0.0.1:18431/healthz") - begun
        ready = until("http://127.0.0.1:18431/readyz") - begun
        time.sleep(3)
        status = Path(f"/proc/{process.pid}/status").read_text()
        memory = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    return {"alive_s": round(alive, 2), "ready_s": round(ready, 2), "memory_mb": round(memory)}


def until(url: str) -> float:
    """The moment at which `url` first answers 200."""
    for _ in range(3000):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return time.perf_counter()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise TimeoutError(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=1000)
    options = parser.parse_args()
    tocsin = [sys.executable, "-m", "desk.cli"]
    found = {
        "python_s": round(best([sys.executable, "-c", "pass"]), 3),
        "help_s": round(best([*tocsin, "--help"]), 3),
    }
    with tempfile.TemporaryDirectory() as folder:
        found[f"with_{options.rules}_rules"] = started(options.rules, Path(folder))
    found["cores"] = os.cpu_count()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
