"""Every folder of ``samples``: a template, and the Python or the diagnostics that it becomes.

Those whose name begins with ``check_`` hold what `metafor check` says, warnings included.

``pytest tests/compiler --update-samples`` writes the expected output anew; read the difference.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from metafor.compiler import TemplateError, check_source, compile_source

SAMPLES = Path(__file__).parent / "samples"


def outcome(source: str, *, check: bool = False) -> tuple[str, str]:
    """The name of the file with the expected output, and the output."""
    if check:
        return "expected.txt", "\n\n".join(map(str, check_source(source, "input.ptml"))) + "\n"
    try:
        compiled = compile_source(source, "input.ptml")
    except TemplateError as error:
        return "expected.txt", str(error) + "\n"
    notes = "".join(f"# {line}\n" for d in compiled.diagnostics for line in d.format().splitlines())
    return "expected.py", notes + ast.unparse(compiled.module) + "\n"


def comparable(name: str, text: str) -> str:
    """Versions of Python write the same tree in different words, and word their complaints differently."""
    if name == "expected.py":
        return ast.dump(ast.parse(text), indent=1)
    lines = text.splitlines()
    return "\n".join(
        line.split("this is not valid Python")[0] + "[python-syntax]" if "[python-syntax]" in line else line
        for line in lines
    )


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in SAMPLES.glob("*/input.ptml")), ids=lambda folder: folder.name
)
def test_sample(folder: Path, request: pytest.FixtureRequest) -> None:
    source = (folder / "input.ptml").read_bytes().decode("utf-8")
    name, text = outcome(source, check=folder.name.startswith("check_"))
    if request.config.getoption("--update-samples", default=False):
        for old in folder.glob("expected.*"):
            old.unlink()
        (folder / name).write_text(text, encoding="utf-8")
    expected = folder / name
    assert expected.exists(), f"the outcome is now {name}:\n{text}"
    assert comparable(name, text) == comparable(name, expected.read_text(encoding="utf-8"))
