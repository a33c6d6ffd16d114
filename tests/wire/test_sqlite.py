"""What only the SQLite log promises: its file, its lock, readers beside it, a full disk."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from wire.clock import VirtualClock
from wire.errors import LogError, LogFull, LogLocked
from wire.log import Append, UnitOfWork
from wire.metrics import Metrics
from wire.sqlite import SqliteLog

GOLDEN = Path(__file__).parent / "golden"


def one(key: str, value: bytes = b"x") -> UnitOfWork:
    return UnitOfWork(appends=[Append("articles", key, key, value)])


async def count(log: SqliteLog) -> int:
    return sum([len(await log.read("articles", n, 0, 100_000)) for n in range(log.partitions("articles"))])


async def test_units_handed_in_together_share_a_commit(tmp_path: Path) -> None:
    metrics = Metrics()
    log = SqliteLog(tmp_path / "log", VirtualClock(), metrics=metrics)
    await log.start()
    await asyncio.gather(*(log.commit(one(f"k{n}")) for n in range(200)))
    commits = metrics.registry.get_sample_value("tocsin_log_commits_total")
    assert commits is not None and commits < 20
    assert await count(log) == 200
    await log.close()


async def test_a_second_writer_is_told_who_holds_the_log(tmp_path: Path) -> None:
    import os

    log, second = (SqliteLog(tmp_path / "log", VirtualClock()) for _ in range(2))
    await log.start()
    with pytest.raises(LogLocked, match=str(os.getpid())):
        await second.start()
    await log.close()
    await second.start()
    await second.close()


async def test_a_reader_sees_what_was_committed_and_cannot_write(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log", VirtualClock())
    await log.start()
    reader = SqliteLog(tmp_path / "log", VirtualClock(), read_only=True)
    await reader.start()
    await log.commit(one("k"))
    assert await count(reader) == 1
    assert (await reader.ends("articles"))[log.partition_of("articles", "k")] == (0, 1)
    with pytest.raises(LogError, match="read only"):
        await reader.commit(one("k"))
    await reader.close()
    await log.close()


async def test_another_count_of_partitions_is_refused_with_the_way_out(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log", VirtualClock(), partitions=4)
    await log.start()
    await log.close()
    with pytest.raises(LogError, match=r"has 4 partitions, settings say 8; set `partitions: 4`"):
        await SqliteLog(tmp_path / "log", VirtualClock(), partitions=8).start()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read as one" * 20, None])
async def test_a_file_that_is_no_log_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "log"
    if content is None:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE mine (a)")
        other.close()
    else:
        path.write_bytes(content)
    with pytest.raises(LogError, match="not a Tocsin log"):
        await SqliteLog(path, VirtualClock()).start()


async def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log", VirtualClock())
    await log.start()
    await log.close()
    raw = sqlite3.connect(tmp_path / "log")
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(LogError, match="newer Tocsin"):
        await SqliteLog(tmp_path / "log", VirtualClock()).start()


async def test_a_file_of_an_earlier_release_opens(tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "log")
    raw.executescript((GOLDEN / "log-1.sql").read_text(encoding="utf-8"))
    raw.close()
    log = SqliteLog(tmp_path / "log", VirtualClock(), partitions=4)
    await log.start()
    number = log.partition_of("articles", "ar1-golden")
    (record,) = await log.read("articles", number, 0)
    assert (record.key, record.value, record.headers) == ("ar1-golden", b"{}", (("h", b"1"),))
    assert log.table("checkpoints").get(1, "feed") == b"state"
    assert await log.committed("detect", "articles") == {number: 1}
    assert log.agenda("polls").next_due_ms(range(4)) == 42
    await log.commit(UnitOfWork(appends=[Append("articles", "ar1-golden", "ar1-golden", b"later")]))
    assert [record.offset for record in await log.read("articles", number, 0)] == [0, 1]
    await log.close()


async def test_a_full_disk_stores_all_that_was_acknowledged_and_nothing_else(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log", VirtualClock())
    await log.start()
    await log.limit_pages(60)
    acknowledged = 0
    with pytest.raises(LogFull, match="no space left"):
        for n in range(1000):
            await log.commit(one(f"k{n}", b"x" * 5000))
            acknowledged += 1
    assert 0 < acknowledged < 1000
    assert await count(log) == acknowledged
    await log.limit_pages(10_000)
    await log.commit(one("after"))
    assert await count(log) == acknowledged + 1
    await log.close()


async def test_retention_by_size_drops_the_oldest(tmp_path: Path) -> None:
    from dataclasses import replace

    from wire import sqlite
    from wire.sqlite_store import Writer
    from wire.topics import TOPICS

    clock = VirtualClock()
    log = SqliteLog(tmp_path / "log", clock)
    await log.start()
    for n in range(50):
        clock.set_ms(clock.now_ms() + 10)
        await log.commit(one(f"k{n:02}", b"x" * 97))

    def shrink(writer: Writer) -> int:
        return sqlite._sweep(writer, replace(TOPICS["articles"], keep_bytes=1000))

    assert await log._submit(shrink) == 40
    kept = sorted([record.key for n in range(8) for record in await log.read("articles", n, 0)])
    assert kept == [f"k{n:02}" for n in range(40, 50)]
    await log.close()
