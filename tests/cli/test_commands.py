"""The commands: what they print and how they end."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metafor import __version__
from metafor.cli import commands, main
from metafor.cli.errors import RuntimeNotFound
from tests.cli.conftest import MakeApp, fake_runtime, write_tree

THREE_MISTAKES = """\
@component("Chat") @props {
    x = 1
}

@ptml {
    <div>
        <p>@{1 +}</p>
        <b>never closed
        <i></u>
    </div>
}
"""


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def pyodide(tmp_path: Path) -> Path:
    return fake_runtime(tmp_path / "pyodide")


def test_build(make_app: MakeApp, pyodide: Path, tmp_path: Path) -> None:
    app = make_app({"main.py": "import a", "a.py": "", "assets/x.css": "", "assets/.env": ""})
    result = run("build", app, "--out", tmp_path / "dist", "--runtime", pyodide)
    assert result.exit_code == 0
    assert (
        "modules:\n  main.py\n  a.py\nassets:\n  assets/x.css\npackages:\n  metafor\nleft out:\n"
        in result.output
    )
    assert f"Built {tmp_path / 'dist'}: " in result.output
    assert (tmp_path / "dist" / "index.html").is_file()
    again = run("build", app, "--out", tmp_path / "dist", "--runtime", pyodide)
    assert again.output == result.output


def test_build_of_an_app_with_mistakes(make_app: MakeApp, pyodide: Path, tmp_path: Path) -> None:
    app = make_app({"main.py": "from chat import Chat\nimport nowhere", "chat.ptml": THREE_MISTAKES})
    (tmp_path / "dist").mkdir()
    result = run("build", app, "--out", tmp_path / "dist", "--runtime", pyodide)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "main.py:2: imports nowhere" in result.stderr
    assert "chat.ptml:7" in result.stderr
    assert "chat.ptml:9" in result.stderr
    assert "Traceback" not in result.stderr
    assert list((tmp_path / "dist").iterdir()) == []


@pytest.mark.parametrize("command", ["build", "serve"])
def test_a_directory_that_is_no_app(command: str, tmp_path: Path) -> None:
    options = ["--out", tmp_path / "dist"] if command == "build" else []
    for name, message in (("nowhere", "there is no directory"), (".", "has no main.py")):
        result = run(command, tmp_path / name, *options)
        assert result.exit_code == 2
        assert message in result.stderr
        assert "\n  -> " in result.stderr


def test_an_output_that_is_something_else(make_app: MakeApp, pyodide: Path, tmp_path: Path) -> None:
    photos = write_tree(tmp_path / "photos", {"cat.jpg": "cat"})
    result = run("build", make_app({}), "--out", photos, "--runtime", pyodide)
    assert result.exit_code == 2
    assert "not made by metafor build" in result.stderr


def test_a_runtime_of_another_version(make_app: MakeApp, tmp_path: Path) -> None:
    other = fake_runtime(tmp_path / "other", version="0.1.0")
    result = run("build", make_app({}), "--out", tmp_path / "dist", "--runtime", other)
    assert result.exit_code == 2
    assert "holds Pyodide 0.1.0" in result.stderr
    assert not (tmp_path / "dist").exists()


def test_no_runtime(make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(app: Path) -> None:
        raise RuntimeNotFound("none", next_step="npm")

    monkeypatch.setattr(commands, "find_runtime", nothing)
    result = run("serve", make_app({}))
    assert result.exit_code == 2
    assert result.stderr == "Error: none [cli/runtime]\n  -> npm\n"


def test_cdn_is_asked_only_when_told_and_only_when_needed(
    make_app: MakeApp, pyodide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metafor.cli.runtime import download
    from metafor.cli.runtime.find import Runtime

    asked = []

    def fake_download(say: object) -> Runtime:
        asked.append("download")
        return Runtime(pyodide)

    monkeypatch.setattr(download, "download_runtime", fake_download)
    monkeypatch.setattr(commands, "nearest_runtime", lambda app: None)
    app, out = make_app({}), tmp_path / "dist"
    assert run("build", app, "--out", out, "--cdn").exit_code == 0
    assert asked == ["download"]
    monkeypatch.setattr(commands, "nearest_runtime", lambda app: Runtime(pyodide))
    assert run("build", app, "--out", out, "--cdn").exit_code == 0
    assert asked == ["download"]
    assert run("build", app, "--out", out, "--cdn", "--runtime", pyodide).exit_code == 2


def test_a_port_in_use(make_app: MakeApp, pyodide: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", make_app({}), "--port", port, "--runtime", pyodide)
    assert result.exit_code == 2
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr
    assert "--port " in result.stderr.split("->")[1]


def test_a_host_that_is_none(make_app: MakeApp, pyodide: Path) -> None:
    result = run("serve", make_app({}), "--host", "203.0.113.7", "--port", 0, "--runtime", pyodide)
    assert result.exit_code == 2
    assert "cannot listen on 203.0.113.7" in result.stderr


def test_an_app_with_mistakes_is_not_served_when_nothing_could_mend_it(
    make_app: MakeApp, pyodide: Path
) -> None:
    app = make_app({"main.py": "import nowhere"})
    result = run("serve", app, "--no-reload", "--port", 0, "--runtime", pyodide)
    assert result.exit_code == 1
    assert "main.py:1: imports nowhere" in result.stderr


@pytest.mark.parametrize("args", [[], ["serve"], ["build", "x"], ["serve", "x", "--port", "70000"], ["fly"]])
def test_usage(args: list[str]) -> None:
    assert run(*args).exit_code == 2


def test_help_and_version() -> None:
    assert run("--version").output == f"metafor, version {__version__}\n"
    for command in ("serve", "build", "demo"):
        assert run(command, "-h").exit_code == 0
