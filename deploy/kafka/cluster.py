"""Apache Kafka on loopback from its published jars: for development (`make kafka`) and for tests.

    python deploy/kafka/cluster.py [--brokers 3] [--port 9092] [--data DIR]

Maven resolves the jars that pom.xml names into a cache; `sha256sums` pins their bytes. Every node is broker and
controller (KRaft). One node by default; with three, replication is 3 and min.insync.replicas 2.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SUMS = HERE / "sha256sums"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
CLUSTER_ID = "dG9jc2luLWRldi1rYWZrYQ"
JAVA_AT_LEAST = 17
READY_S = 60.0
STOP_S = 20.0


class KafkaUnavailable(Exception):
    """Java, Maven or the jars are missing; the message says what to do."""


def jars(cache: Path | None = None) -> Path:
    """The folder of Kafka's jars, resolved once and checked against `sha256sums` every time.

    Raises KafkaUnavailable.
    """
    java()
    pin = hashlib.sha256(SUMS.read_bytes()).hexdigest()[:16]
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tocsin"
    folder = (cache or default) / f"kafka-{pin}"
    if not folder.exists():
        _resolve(folder)
    wrong = [name for name, sum_ in pinned().items() if digest(folder / name) != sum_]
    if wrong:
        raise KafkaUnavailable(f"not the pinned bytes: {', '.join(wrong)}; remove {folder} and try again")
    return folder


def pinned() -> dict[str, str]:
    """File name to SHA-256, as `sha256sum` writes it."""
    lines = SUMS.read_text(encoding="ascii").split("\n")
    return {name: sum_ for sum_, name in (line.split() for line in lines if line.strip())}


def digest(path: Path) -> str:
    """SHA-256 of a file; empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _resolve(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailable("mvn is missing: on Debian, apt-get install maven (see README.md)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        got = Path(scratch) / "jars"
        where = [f"-DoutputDirectory={got}", "-DincludeScope=runtime", "-f", str(HERE / "pom.xml")]
        done = subprocess.run([maven, "-q", "-B", PLUGIN, *where], capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaUnavailable(
                f"Maven could not resolve Kafka's jars; is the network there?\n{done.stdout[-600:]}"
            )
        got.replace(folder)


def java() -> str:
    """The path of a Java that is new enough. Raises KafkaUnavailable."""
    found = shutil.which("java")
    if found is None:
        raise KafkaUnavailable("java is missing: on Debian, apt-get install default-jre-headless (see README.md)")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = said.partition('"')[2].split(".")[0]
    if not version.isdigit() or int(version) < JAVA_AT_LEAST:
        raise KafkaUnavailable(
            f"Java {JAVA_AT_LEAST} or newer is needed; `java -version` says {said.splitlines()[:1]}"
        )
    return found


@dataclass
class Node:
    """One broker and controller. `process` is None while it is down."""

    number: int
    port: int
    controller_port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@dataclass
class KafkaCluster:
    """A cluster of `brokers` nodes in `folder`. Ports are free ones unless `port` names the first.

    With `users` (name to password) clients speak SASL_SSL with PLAIN; `certificate` is a PEM file of both parts.
    """

    folder: Path
    brokers: int = 1
    port: int = 0
    heap_mb: int = 384
    users: dict[str, str] = field(default_factory=dict)
    certificate: Path | None = None
    nodes: list[Node] = field(default_factory=list)

    @property
    def bootstrap(self) -> str:
        """What a client connects to."""
        return ",".join(node.address for node in self.nodes)

    def start(self) -> None:
        """Format what is new, start every node, return when all answer. Raises KafkaUnavailable."""
        self._classpath = f"{jars()}/*"
        if not self.nodes:
            ports = free_ports(2 * self.brokers)
            for n in range(self.brokers):
                port = self.port + n if self.port else ports[2 * n]
                self.nodes.append(Node(n + 1, port, ports[2 * n + 1], self.folder / f"node-{n + 1}"))
        for node in self.nodes:
            self._format(node)
        for node in self.nodes:
            self.launch(node)
        for node in self.nodes:
            self.wait_ready(node)

    def launch(self, node: Node) -> None:
        """Start one node's process, without waiting."""
        log = (node.folder / "server.log").open("ab")
        options = [f"-Xmx{self.heap_mb}m", f"-Xms{self.heap_mb // 2}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        command = [java(), *options, "-cp", self._classpath, "kafka.Kafka", str(node.folder / "server.properties")]
        node.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        log.close()

    def wait_ready(self, node: Node) -> None:
        """Return when the node listens. Raises KafkaUnavailable where it ended or took too long."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if node.process is None or node.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", node.port)) == 0:
                    return
            time.sleep(0.1)
        tail = (node.folder / "server.log").read_text(errors="replace")[-1500:]
        raise KafkaUnavailable(f"node {node.number} did not start:\n{tail}")

    def kill(self, node: Node) -> None:
        """SIGKILL one node."""
        if node.process is not None:
            node.process.kill()
            node.process.wait()
            node.process = None

    def pause(self, node: Node) -> None:
        """SIGSTOP one node: it keeps its connections and answers nothing."""
        assert node.process is not None
        node.process.send_signal(signal.SIGSTOP)

    def resume(self, node: Node) -> None:
        """SIGCONT one node."""
        assert node.process is not None
        node.process.send_signal(signal.SIGCONT)

    def controller(self) -> int:
        """The number of the node that leads the controllers, as the running nodes last wrote it down."""
        said: list[tuple[int, int]] = []
        for node in self.nodes:
            state = node.folder / "log/__cluster_metadata-0/quorum-state"
            if node.process is not None and state.exists():
                found = json.loads(state.read_text())
                said.append((found["leaderEpoch"], found["leaderId"]))
        return max(said)[1]

    def stop(self) -> None:
        """SIGTERM to every node, then SIGKILL to those that linger."""
        running = [node for node in self.nodes if node.process is not None]
        for node in running:
            assert node.process is not None
            node.process.send_signal(signal.SIGCONT)
            node.process.terminate()
        for node in running:
            assert node.process is not None
            try:
                node.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait()
            node.process = None

    def _format(self, node: Node) -> None:
        if (node.folder / "server.properties").exists():
            return
        node.folder.mkdir(parents=True)
        (node.folder / "server.properties").write_text(self._properties(node))
        command = [java(), "-cp", self._classpath, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID]
        done = subprocess.run(
            [*command, "-c", str(node.folder / "server.properties")], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise KafkaUnavailable(f"could not format node {node.number}:\n{done.stdout}{done.stderr}")

    def _properties(self, node: Node) -> str:
        replication, insync = (3, 2) if self.brokers >= 3 else (1, 1)
        voters = ",".join(f"{n.number}@127.0.0.1:{n.controller_port}" for n in self.nodes)
        values = {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{node.port}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": node.folder / "log",
            "default.replication.factor": replication,
            "min.insync.replicas": insync,
            "offsets.topic.replication.factor": replication,
            "transaction.state.log.replication.factor": replication,
            "transaction.state.log.min.isr": insync,
            "offsets.topic.num.partitions": 8,
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "message.max.bytes": 17 * 1024 * 1024,
            "replica.fetch.max.bytes": 17 * 1024 * 1024,
            "log.retention.check.interval.ms": 5_000,
            "log.cleaner.backoff.ms": 1_000,
            "broker.session.timeout.ms": 6_000,
        }
        if self.users:
            values |= self._secured(node)
        return "".join(f"{name}={value}\n" for name, value in values.items())

    def _secured(self, node: Node) -> dict[str, object]:
        known = " ".join(f'user_{name}="{password}"' for name, password in self.users.items())
        name, password = next(iter(self.users.items()))
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        return {
            "listeners": f"SASL_SSL://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"SASL_SSL://127.0.0.1:{node.port}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "security.inter.broker.protocol": "SASL_SSL",
            "sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": (
                f'{module} required username="{name}" password="{password}" {known};'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.certificate,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.certificate,
            "ssl.endpoint.identification.algorithm": "",
        }


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def main() -> int:
    """Start, say where, wait for Ctrl-C, stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", type=int, default=1, choices=(1, 3))
    parser.add_argument("--port", type=int, default=9092, help="port of the first broker")
    parser.add_argument("--data", type=Path, default=Path("data/kafka"), help="kept between starts")
    arguments = parser.parse_args()
    cluster = KafkaCluster(arguments.data.absolute() / f"{arguments.brokers}", arguments.brokers, arguments.port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cluster.start()
        print(f"kafka at {cluster.bootstrap}; data in {arguments.data}; Ctrl-C stops it", flush=True)
        signal.pause()
    except KafkaUnavailable as error:
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("stopping", file=sys.stderr)
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
