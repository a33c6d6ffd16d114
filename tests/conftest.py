"""What several folders of tests share: a real Kafka, started once, and which engine matches."""

import importlib.util
import os
from pathlib import Path

import pytest

os.environ["RULES_ENGINE"] = "plain"
"""Only tests that ask for the compiled engine wait for its kernels, some twenty seconds where no cache of them is."""

_CLUSTER = Path(__file__).parents[1] / "deploy/kafka/cluster.py"


def kafka_cluster():
    """The module that starts Kafka."""
    import sys

    if "tocsin_kafka_cluster" not in sys.modules:
        spec = importlib.util.spec_from_file_location("tocsin_kafka_cluster", _CLUSTER)
        module = importlib.util.module_from_spec(spec)
        sys.modules["tocsin_kafka_cluster"] = module
        spec.loader.exec_module(module)
    return sys.modules["tocsin_kafka_cluster"]


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    """The address of a real broker. In CI a missing Java or Maven is a failure; elsewhere the tests are skipped."""
    module = kafka_cluster()
    cluster = module.KafkaCluster(tmp_path_factory.mktemp("kafka"))
    try:
        cluster.start()
    except module.KafkaUnavailable as error:
        cluster.stop()
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield cluster.bootstrap
    cluster.stop()
