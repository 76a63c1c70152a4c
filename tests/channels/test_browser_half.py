"""The browser's transport outside a browser: its JavaScript half alone, and the whole in Pyodide, in Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import reactivex

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "javascript"


@pytest.fixture
def half(tmp_path: Path) -> str:
    """The JavaScript half under a name that tells Node that it is a module."""
    return str(shutil.copy(ROOT / "metafor/channels/transports/browser.js", tmp_path / "browser.mjs"))


def passed_in_node(script: str, *arguments: str) -> int:
    command = ["node", str(SCRIPTS / script), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout.count("passed")


def test_the_javascript_half(half: str) -> None:
    assert passed_in_node("half.mjs", half) == 10


def test_a_channel_in_pyodide(half: str) -> None:
    site_packages = Path(reactivex.__file__).parents[1]
    assert passed_in_node("run.mjs", str(ROOT), half, str(site_packages)) == 12
