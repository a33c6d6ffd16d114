"""A stream worker for fault tests: `python -m tests.faults.worker CONFIG NAME [POINT]` kills itself at POINT."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from desk.cluster import Role, RoleName
from streams.cluster import Seams
from wire.settings_file import load_settings


def main():
    config, name, point = Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
    logging.basicConfig(level=logging.WARNING)
    where, _, nth = point.partition("#")
    passed = 0

    def reached(place):
        nonlocal passed
        if place == where:
            passed += 1
            if passed == int(nth or 1):
                os.kill(os.getpid(), signal.SIGKILL)

    environ = {"TOCSIN_DESK__PORT": "0"}
    if os.environ.get("FAULTS_STATIC"):
        environ["TOCSIN_KAFKA__INSTANCE"] = name
    settings = load_settings(config, environ)
    role = Role(RoleName.STREAM, settings, environ, seams=Seams(reached=reached))

    async def run():
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, role.stop.set)
        await role.run()

    asyncio.run(run())


if __name__ == "__main__":
    main()
