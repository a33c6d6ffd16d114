"""The dashboard's page in a real browser."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

_PATH = Path(__file__).parents[1] / "desk/dashboard/conftest.py"
_SPEC = importlib.util.spec_from_file_location("dashboard_parts", _PATH)
parts = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(parts)
desk = parts.desk


async def test_an_alert_appears_as_it_rings_with_its_evidence_marked(desk, page):
    await page.goto(desk.dashboard.url)
    await page.wait_for_selector("#connection[data-state=live]")
    assert await page.locator(".alert").count() == 0
    assert await page.locator("#no-alerts").is_visible()
    await desk.ring(parts.an_alert())
    card = page.locator(".alert")
    await card.wait_for()
    assert await card.locator("mark").all_text_contents() == ["pledged", "troops"]
    assert await card.locator("blockquote").text_content() == parts.SENTENCE
    assert "Rui Tavares" in await card.locator(".facts").text_content()
    assert "2 s" in await card.locator(".facts").text_content()
    assert not await page.locator("#no-alerts").is_visible()
    assert page.troubles == []


async def test_hostile_text_stays_text(desk, page):
    await desk.ring(parts.an_alert())
    await page.goto(desk.dashboard.url)
    await page.wait_for_selector(".alert")
    assert await page.locator(".alert h3").text_content() == "Portugal pledges <script>alert(1)</script> troops"
    assert await page.locator(".alert a").count() == 0
    assert await page.locator(".outlets span").text_content() == "lisbon.test"
    assert page.troubles == []


async def test_a_failing_feed_stands_first_with_its_reason(desk, page):
    await page.goto(desk.dashboard.url)
    first = page.locator("#feeds tbody tr").first
    await first.wait_for()
    assert "Bad" in await first.text_content()
    assert "timeout: no answer in 30 s" in await first.text_content()
    assert await first.locator(".state").get_attribute("data-state") == "failing"
    assert "1 failing" in await page.locator("#feeds-note").text_content()
    assert await page.locator("#stages tbody tr").count() == 5
    assert "newsdesk" in await page.locator("#deliveries tbody").text_content()


async def test_the_page_finds_its_way_back_after_a_restart(desk, page):
    await page.goto(desk.dashboard.url)
    await page.wait_for_selector("#connection[data-state=live]")
    port = int(desk.dashboard.url.rsplit(":", 1)[1].strip("/"))
    await desk.dashboard.close()
    await page.wait_for_selector("#connection[data-state=lost]")
    again = parts.Desk(port=port)
    await again.log.start()
    await again.ring(parts.an_alert())
    await again.dashboard.start()
    await page.wait_for_selector(".alert")
    await page.wait_for_selector("#connection[data-state=live]")
    assert page.troubles == []
    await again.dashboard.close()
    await again.log.close()
