"""The product while its rules are edited: the next article is judged by the new ones, a bad edit is told."""

import asyncio
from datetime import UTC, datetime

import aiohttp
import pytest

from desk.dashboard.view import active_ruleset
from desk.roles import Product
from tests.newsday import an_article
from wire.codec import decode
from wire.log import UnitOfWork
from wire.records import Activation, Detection
from wire.settings_file import load_settings

RULE = "rules:\n  - id: {id}\n    title: A title\n    when: {when}\n    tests: []\n"


@pytest.fixture
async def product(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/one.yaml").write_text(RULE.format(id="ships", when="ships"))
    (tmp_path / "tocsin.yaml").write_text("rules: [rules]\nfeeds: []\ndata_dir: data\ndesk: {port: 0}\n")
    product = Product(load_settings(tmp_path / "tocsin.yaml", {}), {})
    running = asyncio.create_task(product.run())
    await until(lambda: not product.unready())
    yield product
    product.stop.set()
    await running


async def until(met):
    async with asyncio.timeout(20):
        while not met():
            await asyncio.sleep(0.02)


async def detections(product, count):
    """The rules and rulesets of all detections, when there are so many."""
    async with asyncio.timeout(20):
        while True:
            found = []
            for partition, (start, end) in (await product.log.ends("detections")).items():
                found += [
                    decode(r.value, Detection) for r in await product.log.read("detections", partition, start, end)
                ]
            if len(found) >= count:
                return sorted((one.rule, one.ruleset) for one in found)
            await asyncio.sleep(0.02)


async def told(product, number):
    work = UnitOfWork()
    text = f"Portugal said that {number} ships and {number} trains left the harbour of Sines on Monday."
    article = an_article(f"https://a.test/{number}", "", text, datetime.now(UTC))
    work.append("articles", article.id, article.id, article)
    await product.log.commit(work)


def edit(path, text):
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


async def test_an_edit_judges_the_next_article_and_is_recorded(product, tmp_path):
    first = active_ruleset(product.log)
    await told(product, 1)
    assert await detections(product, 1) == [("ships", first)]
    edit(tmp_path / "rules/one.yaml", RULE.format(id="trains", when="trains"))
    await until(lambda: active_ruleset(product.log) != first)
    second = active_ruleset(product.log)
    await told(product, 2)
    assert await detections(product, 2) == [("ships", first), ("trains", second)]
    activations = [
        decode(v, Activation) for k, v in product.log.table("rulesets").items() if k.startswith("activation/")
    ]
    assert sorted((one.before, one.ruleset) for one in activations) == [("", first), (first, second)]


async def test_a_bad_edit_is_told_and_changes_nothing(product, tmp_path):
    first = active_ruleset(product.log)
    edit(tmp_path / "rules/one.yaml", RULE.format(id="trains", when="(trains"))
    await until(product.warnings)
    async with aiohttp.ClientSession() as client:
        async with client.get(product.dashboard.url + "readyz") as response:
            ready = await response.json()
        async with client.get(product.dashboard.url + "api/snapshot") as response:
            shown = (await response.json())["ruleset"]
    assert response.status == 200 and ready["status"] == "ready"
    assert "one.yaml:4" in ready["warnings"][0]
    assert shown == {"id": first, "warnings": ready["warnings"]}
    await told(product, 1)
    assert await detections(product, 1) == [("ships", first)]
