"""SASL over TLS, as the settings say it: the log and the stream workers, and who has the wrong password."""

import asyncio
import contextlib
import subprocess
from datetime import UTC, datetime

import pytest

from streams.bench import Surroundings
from streams.cluster import FaustRuntime
from streams.pipeline import pipeline
from streams.rules import load_rules
from tests.conftest import kafka_cluster
from tests.newsday import an_article
from wire.clock import WallClock
from wire.errors import LogError
from wire.kafka import Connection, KafkaLog
from wire.log import UnitOfWork
from wire.metrics import Metrics
from wire.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
RULE = "rules:\n  - id: ships\n    title: Ships\n    when: ships\n    tests: []\n"


@pytest.fixture(scope="module")
def secured(kafka, tmp_path_factory):
    """The address of a broker that asks for a password, and its certificate's file. `kafka` decides on skipping."""
    folder = tmp_path_factory.mktemp("secured")
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    both.write_text(key.read_text() + certificate.read_text())
    users = {"admin": "admin-secret", "tocsin": "swordfish"}
    cluster = kafka_cluster().KafkaCluster(folder / "kafka", users=users, certificate=both)
    cluster.start()
    yield cluster.bootstrap, str(certificate)
    cluster.stop()


def connection(secured, password):
    settings = KafkaSettings(
        bootstrap=secured[0],
        prefix="s.",
        security="SASL_SSL",
        sasl_mechanism="PLAIN",
        username="tocsin",
        password="broker",
        ca_file=secured[1],
    )
    return Connection.of(settings, {"broker": password}.__getitem__)


async def test_an_article_passes_a_broker_that_asks_for_a_password(secured, tmp_path):
    (tmp_path / "rules.yaml").write_text(RULE)
    there, clock = connection(secured, "swordfish"), WallClock()
    log = KafkaLog(there, clock, partitions=1, keeps=())
    await log.start()
    work = UnitOfWork()
    article = an_article("https://a.test/1", "", "Ships left the harbour.", datetime.now(UTC))
    work.append("articles", article.id, article.id, article)
    await log.commit(work)
    stages = pipeline(load_rules(tmp_path / "rules.yaml"))
    runtime = FaustRuntime(stages, Surroundings(log, clock, Metrics()), log, there)
    running = asyncio.create_task(runtime.run())
    async with asyncio.timeout(60):
        while not (await log.ends("alerts"))[0][1]:
            await asyncio.sleep(0.1)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await log.close()


async def test_a_wrong_password_is_refused_and_not_told(secured):
    wrong = connection(secured, "open-sesame")
    with pytest.raises(LogError) as refused:
        await KafkaLog(wrong, WallClock(), partitions=1).start()
    assert "open-sesame" not in str(refused.value)
    assert "open-sesame" not in repr(wrong)
