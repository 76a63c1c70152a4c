"""The cases of ``conformance/cases.ptml`` on the memory host and on the html host.

``e2e/test_conformance.py`` runs the same on the browser's.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dom.conformance.stages import HtmlStage, MemoryStage, Stage
from tests.dom.templates import load

CASES = vars(load((Path(__file__).parent / "conformance" / "cases.ptml").read_text(encoding="utf-8")))
NAMES = [name for name in CASES if name.startswith(("case_", "live_"))]


@pytest.mark.parametrize("name", NAMES)
def test_in_memory(name: str) -> None:
    play(name, MemoryStage())


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("live_")])
def test_as_a_string(name: str) -> None:
    play(name, HtmlStage())


def play(name: str, stage: Stage) -> None:
    CASES[name](stage)
    stage.end()


def test_there_are_cases() -> None:
    assert len(NAMES) > 25
