"""What was compiled once is not compiled again, unless something has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from metafor.compiler import TemplateError, cache
from metafor.compiler.hook import TemplateLoader, TemplateWarning

CARD = '@component("Card") @ptml { <p>card</p> }\n'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A template; the cache is where Python has its own by default, and in use."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    path = tmp_path / "card.ptml"
    path.write_text(CARD)
    yield path
    cache._compiler.cache_clear()


def load(path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Load a template; whether it had to be compiled."""
    compiled: list[str] = []
    original = TemplateLoader._compile
    with monkeypatch.context() as patch:
        patch.setattr(TemplateLoader, "_compile", lambda self, s: compiled.append("") or original(self, s))
        code = TemplateLoader("card", str(path)).get_code("card")
    assert code.co_filename == str(path)
    return bool(compiled)


def test_the_second_time_it_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [load(path, monkeypatch) for _ in range(3)] == [True, False, False]
    (entry,) = (path.parent / "__pycache__").iterdir()
    assert entry.name == f"card.ptml.{sys.implementation.cache_tag}.mfc"


def test_another_text_is_compiled(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(path, monkeypatch)
    path.write_text(CARD.replace("card", "core"))
    assert load(path, monkeypatch)
    path.write_text(CARD)
    assert load(path, monkeypatch)


def test_another_place_is_compiled(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(path, monkeypatch)
    moved = path.parent / "moved"
    path.parent.rename(path.parent.with_name("renamed"))
    moved = path.parent.with_name("renamed") / "card.ptml"
    assert load(moved, monkeypatch)


def test_another_compiler_compiles(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(path, monkeypatch)
    monkeypatch.setattr(cache, "_compiler", lambda: b"newer")
    assert load(path, monkeypatch)
    monkeypatch.undo()


@pytest.mark.parametrize("cut", [0, 3, 30, 60, -1])
def test_a_damaged_entry_is_no_entry(path: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    load(path, monkeypatch)
    entry = Path(cache.cache_path(str(path)))
    data = entry.read_bytes()
    entry.write_bytes(data[:cut])
    assert load(path, monkeypatch)
    broken = bytearray(data)
    broken[cut] ^= 0xFF
    entry.write_bytes(bytes(broken))
    assert load(path, monkeypatch)
    assert not load(path, monkeypatch)


def test_mistakes_are_not_kept(path: Path) -> None:
    path.write_text("<p>")
    for _ in range(2):
        with pytest.raises(TemplateError):
            TemplateLoader("card", str(path)).get_code("card")
    assert not (path.parent / "__pycache__").exists()


def test_warnings_are_given_again(path: Path) -> None:
    path.write_text('X = "\\d"\n')
    for _ in range(2):
        with pytest.warns(TemplateWarning, match="invalid escape") as caught:
            TemplateLoader("card", str(path)).get_code("card")
        assert (caught[0].filename, caught[0].lineno) == (str(path), 1)


def test_where_nothing_may_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "__pycache__").write_text("in the way")
    assert [load(path, monkeypatch) for _ in range(2)] == [True, True]
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", str(path.parent / "elsewhere"))
    assert [load(path, monkeypatch) for _ in range(2)] == [True, True]
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert [load(path, monkeypatch) for _ in range(2)] == [True, False]
    assert (path.parent / "elsewhere").is_dir()


RACE = """
import sys
from pathlib import Path
from metafor.compiler import cache
from metafor.compiler.hook import TemplateLoader
path = sys.argv[1]
for _ in range(60):
    Path(cache.cache_path(path)).unlink(missing_ok=True)
    namespace = {"__name__": "card"}
    assert "Card" in TemplateLoader("card", path).get_code("card").co_names
"""


def test_two_processes_at_once(path: Path) -> None:
    arguments = [sys.executable, "-c", RACE, str(path)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    running = [
        subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment) for _ in range(2)
    ]
    for process in running:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
    names = [entry.name for entry in (path.parent / "__pycache__").iterdir()]
    assert names == [Path(cache.cache_path(str(path))).name]


def test_a_warm_import_does_not_load_the_compiler(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(path, monkeypatch)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import metafor.compiler; metafor.compiler.install()\n"
        "import card; assert card.Card; print('metafor.compiler.compile' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program, str(path.parent)], capture_output=True, text=True, timeout=60
    )
    assert (shown.stdout.strip(), shown.stderr) == ("False", "")
