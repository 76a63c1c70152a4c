"""``requires``: pip resolves against a folder of wheels made here."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from metafor.cli.build import wheels
from metafor.cli.build.wheels import resolve_wheels, top_level_modules
from metafor.cli.errors import BuildError


def make_wheel(
    folder: Path, name: str, *, tag: str = "py3-none-any", pure: bool = True, needs: str = "",
    files: dict[str, str] | None = None,
) -> None:  # fmt: skip
    about = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    content = {
        f"{name}/__init__.py": f"NAME = {name!r}\n",
        **(files or {}),
        f"{about}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: {str(pure).lower()}\nTag: {tag}\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_wheel_comes_with_what_it_needs(index: Path) -> None:
    make_wheel(index, "alpha", needs="beta",
               files={"alpha-1.0.data/purelib/extra.py": "", "alpha-1.0.data/scripts/run": ""})  # fmt: skip
    make_wheel(index, "beta")
    files = resolve_wheels(["alpha>=1"])
    assert sorted(files) == [
        "alpha-1.0.dist-info/METADATA", "alpha/__init__.py", "beta-1.0.dist-info/METADATA",
        "beta/__init__.py", "extra.py",
    ]  # fmt: skip
    assert {"alpha", "beta", "extra"} <= top_level_modules(files)


def test_nothing_required_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "_download", None)
    assert resolve_wheels([]) == {}


def test_a_wheel_with_machine_code_is_refused(index: Path) -> None:
    make_wheel(index, "gamma", tag="cp314-cp314-manylinux_2_17_x86_64", pure=False)
    with pytest.raises(BuildError) as raised:
        resolve_wheels(["gamma"])
    assert "no pure wheels" in raised.value.report
    assert "gamma" in raised.value.report


def test_a_wheel_that_only_calls_itself_pure_is_refused(index: Path) -> None:
    make_wheel(index, "delta", pure=False)
    with pytest.raises(BuildError) as raised:
        resolve_wheels(["delta"])
    assert "delta-1.0-py3-none-any.whl is not a pure wheel" in raised.value.report


@pytest.mark.parametrize("requirement", ["nowhere", "not a requirement!"])
def test_what_pip_does_not_find(index: Path, requirement: str) -> None:
    with pytest.raises(BuildError) as raised:
        resolve_wheels([requirement])
    assert requirement in raised.value.report


def test_an_option_is_no_requirement(index: Path) -> None:
    with pytest.raises(BuildError) as raised:
        resolve_wheels(["--index-url=http://evil.example"])
    assert "is an option" in raised.value.report


def test_no_pip(index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(wheels.sys, "executable", str(python))
    with pytest.raises(BuildError) as raised:
        resolve_wheels(["alpha"])
    assert "install pip" in raised.value.report
