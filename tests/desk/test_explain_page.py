"""`tocsin rules explain RULE URL` against a real server on loopback."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

RULES = """
rules:
  - id: pledge
    title: A pledge
    when: {en: title:ports AND SENT(pledg* NEAR/3 ships)}
    statement: {require: [asserted], act: pledg*}
"""
BODY = "".join(f"<p>Paragraph {n}: on Monday nine ports pledged grey ships for the winter.</p>" for n in range(6))
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Ports pledge ships</title>
<meta property="og:site_name" content="Harbour News"></head>
<body><article><h1>Ports pledge ships</h1>{BODY}</article></body></html>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        story = self.path == "/story"
        self.send_response(200 if story or self.path == "/robots.txt" else 404)
        self.send_header("Content-Type", "text/html" if story else "text/plain")
        self.end_headers()
        self.wfile.write(PAGE.encode() if story else b"User-agent: *\nDisallow: /private\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def peer() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def explain(cli, tmp_path, peer):
    """Explains the rule on a path of the server, which the settings allow to be dialled."""
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "tocsin.yaml").write_text(f"http: {{allow: ['{peer}']}}\n")

    def run(path, *options, config="tocsin.yaml"):
        rules = ("--rules", tmp_path / "rules.yaml", "--config", tmp_path / config)
        return cli("rules", "explain", "pledge", f"http://{peer}{path}", *rules, *options)

    return run


def test_a_page_is_fetched_and_the_rule_explained_on_its_article(explain):
    code, out, _ = explain("/story")
    assert code == 0
    assert "title      Ports pledge ships\npublisher  Harbour News\nlanguage   en\npublished  not found\n" in out
    assert "pledge: fires" in out and "when (en) holds" in out
    assert "nine ports [pledged] grey [ships] for the winter" in out and "✓ title:ports   [title 0: Ports]" in out


def test_a_page_s_headline_and_language_may_be_given(explain):
    code, out, _ = explain("/story", "--title", "Nothing of note")
    assert code == 1 and "only outside the title" in out
    code, out, _ = explain("/story", "--language", "fr")
    assert code == 1 and "no query of the rule is for this language" in out


def test_a_page_for_machines(explain, peer):
    code, out, _ = explain("/story", "--json")
    found = json.loads(out)
    assert code == 0 and found["fires"]
    assert found["page"] == {
        "url": f"http://{peer}/story",
        "title": "Ports pledge ships",
        "publisher": "Harbour News",
        "language": "en",
        "published": "",
    }


@pytest.mark.parametrize(
    ("path", "reason", "says"), [("/gone", "status_4xx", "answered 404"), ("/private/a", "robots", "robots.txt")]
)
def test_what_went_wrong_is_said_with_its_reason(explain, path, reason, says):
    code, out, err = explain(path)
    assert (code, out) == (2, "") and err.startswith(f"{reason}: ") and says in err
    code, out, _ = explain(path, "--json")
    assert code == 2 and json.loads(out)["reason"] == reason


def test_a_private_address_needs_an_exception_in_the_settings(explain, tmp_path, monkeypatch, peer):
    (tmp_path / "other.yaml").write_text("http: {allow: ['127.0.0.1:1']}\n")
    code, _, err = explain("/story", config="other.yaml")
    assert (code, err) == (2, "blocked_address: this address may not be dialled\n")
    monkeypatch.setenv("TOCSIN_HTTP__ALLOW", peer)
    assert explain("/story", config="other.yaml")[0] == 0
