"""Whether a site's robots.txt lets us have a page (RFC 9309). The one door to protego."""

from __future__ import annotations

from protego import Protego
from yarl import URL

from connectors.exchange import Limits
from connectors.http import HttpClient

LIMITS = Limits(total_s=10.0, max_bytes=512 * 1024, redirects=5, cut=True)


async def forbidden(http: HttpClient, url: str, user_agent: str) -> str:
    """Why robots.txt forbids `url` to our agent; empty where it does not.

    A file that is not there (4xx) allows everything, one that cannot be had (5xx) nothing (RFC 9309, 2.3.1).
    Raises FetchError where its host gives no answer at all.
    """
    answer = await http.get(str(URL(url).with_path("/robots.txt")), limits=LIMITS, purpose="robots")
    if answer.status >= 500:
        return f"robots.txt answered {answer.status}, which counts as a no"
    if answer.status != 200:
        return ""
    rules = Protego.parse(answer.body.decode("utf-8-sig", "replace"))
    return (
        "" if rules.can_fetch(url, product(user_agent)) else f"robots.txt does not let {product(user_agent)} have it"
    )


def product(user_agent: str) -> str:
    """The name by which robots.txt knows us: the product before the version."""
    return user_agent.partition("/")[0].strip()
