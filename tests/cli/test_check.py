"""``metafor check``: formats, exit codes, which files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metafor.cli import main

WRONG = '@component("A") @ptml { <p onClick=@{print}>é</p> <img> }\n'
DOUBTFUL = '@component("A") @ptml { <img> }\n'
RIGHT = '@component("A") @ptml { <p>a</p> }\n'


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_wrong(app: Path) -> None:
    (app / "a.ptml").write_text(RIGHT)
    result = check()
    assert (result.exit_code, result.output) == (0, "no mistakes and no warnings in 1 template.\n")


def test_mistakes_for_people(app: Path) -> None:
    (app / "a.ptml").write_text(DOUBTFUL)
    (app / "b.ptml").write_text(WRONG)
    result = check(".")
    assert result.exit_code == 1
    assert result.output.startswith("a.ptml:1:25: warning: ")
    assert (
        "\nb.ptml:1:28: error: `onClick` is not an event [unknown-event]\n   1 | @component" in result.output
    )
    assert "  hint: did you mean `onclick`?\n" in result.output
    assert result.output.endswith("\n1 mistake and 3 warnings in 2 templates.\n")


def test_a_line_each_for_editors(app: Path) -> None:
    (app / "b.ptml").write_text(DOUBTFUL)
    result = check("b.ptml", "--format", "editor")
    assert result.exit_code == 0
    line = "this image says nothing to those who do not see it [img-without-alt]"
    assert result.output == f"b.ptml:1:25: warning: {line}\n"
    assert check("b.ptml", "--format", "editor", "--strict").exit_code == 1


def test_json(app: Path) -> None:
    (app / "b.ptml").write_text(WRONG)
    result = check("--format", "json")
    report = json.loads(result.output)
    assert (report["files"], report["errors"], report["warnings"], result.exit_code) == (1, 1, 2, 1)
    assert report["diagnostics"][1] == {
        "code": "unknown-event",
        "severity": "error",
        "filename": "b.ptml",
        "line": 1,
        "column": 28,
        "end_line": 1,
        "end_column": 35,
        "message": "`onClick` is not an event",
        "hint": "did you mean `onclick`?",
    }


def test_which_files(app: Path) -> None:
    for name in ("a.ptml", "deep/er/b.ptml", "node_modules/c.ptml", ".git/d.ptml", "env/lib/e.ptml", "f.txt"):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(WRONG)
    (app / "env" / "pyvenv.cfg").write_text("")
    lines = check("--format", "editor").output.splitlines()
    assert {line.split(":")[0] for line in lines} == {"a.ptml", "deep/er/b.ptml"}
    assert check("node_modules").exit_code == 1
    assert check("a.ptml", "a.ptml", ".").output.endswith("in 2 templates.\n")


def test_a_path_that_does_not_exist(app: Path) -> None:
    result = check("missing")
    assert result.exit_code == 2
    assert "missing" in result.output


def test_a_link_that_leads_nowhere(app: Path) -> None:
    (app / "a.ptml").symlink_to("missing.ptml")
    result = check()
    assert result.exit_code == 2
    assert "cannot read a.ptml: No such file or directory" in result.output


def test_a_file_that_is_not_text(app: Path) -> None:
    (app / "a.ptml").write_bytes(b"x = '\xff'\n")
    result = check("--format", "editor")
    assert result.exit_code == 1
    assert result.output.startswith("a.ptml:1:6: error: this is not UTF-8 text")
