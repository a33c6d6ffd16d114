"""The arrows between packages and the doors of libraries, read off every import in the source."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("wire", "connectors", "streams", "desk")
ALLOWED = {
    "wire": {"wire"},
    "connectors": {"connectors", "wire"},
    "streams": {"streams", "wire"},
    "desk": set(PACKAGES),
}
DOORS = {
    "faust": ("streams/cluster",),
    "aiokafka": ("wire/kafka",),
    "feedparser": ("connectors/feeds/parse.py",),
    "trafilatura": ("connectors/pages/extract.py",),
    "prometheus_client": ("wire/metrics.py",),
    "sqlite3": ("wire/sqlite", "desk/dashboard/"),
    "numba": ("streams/rules/compiled/jit.py",),
    "pebble": ("connectors/pages/workers.py",),
    "protego": ("connectors/pages/robots.py",),
}
HTTP_CLIENT = ("ClientSession", "TCPConnector", "request")
CLIENT_DOOR = "connectors/http.py"


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Full names of what a module imports, `package.module` for `from package import module`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; the house writes absolute ones"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_arrows_point_down() -> None:
    wrong = [
        f"{name_of(path)} imports {target}"
        for path in modules()
        for target in imports(path)
        if (floor := target.split(".")[0]) in PACKAGES and floor not in ALLOWED[path.relative_to(ROOT).parts[0]]
    ]
    assert not wrong


def test_each_library_has_one_door() -> None:
    wrong = [
        f"{name_of(path)} imports {library}"
        for path in modules()
        for library, doors in DOORS.items()
        if any(target.split(".")[0] == library for target in imports(path)) and not name_of(path).startswith(doors)
    ]
    assert not wrong


def test_only_the_guarded_client_dials() -> None:
    wrong = [
        f"{name_of(path)} uses aiohttp.{node.attr}"
        for path in modules()
        if name_of(path) != CLIENT_DOOR
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "aiohttp"
        and node.attr in HTTP_CLIENT
    ]
    wrong += [
        f"{name_of(path)} imports {target}"
        for path in modules()
        if name_of(path) != CLIENT_DOOR
        for target in imports(path)
        if target
        in {f"aiohttp.{name}" for name in HTTP_CLIENT} | {"urllib.request", "requests", "httpx", "http.client"}
    ]
    assert not wrong


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circles_within_a_package(package: str) -> None:
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / package).rglob("*.py")
    }
    graph = defaultdict(set)
    for name, path in names.items():
        graph[name] = {target for target in imports_at_import_time(path) if target in names and target != name}
    circles = [name for name in graph if name in reached(graph, name)]
    assert not circles


def imports_at_import_time(path: Path) -> set[str]:
    """As `imports`, but only those at module level: one inside a function cannot close a circle at import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            exact = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = {name for name in exact if is_module(name)}
            found |= submodules or {node.module or ""}
    return found


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph[name]
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is_for(package: str) -> None:
    silent = [
        name_of(path)
        for path in (ROOT / package).rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_no_code_knows_the_story() -> None:
    """The seed's subject lives in rule files, lexicons of all states, and the demo's script."""
    words = ("ukrain", "zakharova", "moscow", "kremlin", "russia")
    wrong = [
        f"{name_of(path)}: {word}"
        for path in modules()
        for word in words
        if word in path.read_text(encoding="utf-8").lower()
    ]
    assert not wrong
