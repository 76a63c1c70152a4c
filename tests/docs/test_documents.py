"""The documents name what is there: files, links, targets of make, dependencies, pages, examples."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *(ROOT / f"{name}.md" for name in ("ARCHITECTURE", "CONTRIBUTING", "README")),
    *ROOT.glob("docs/*.md"),
]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FOLDERS = "metafor|docs|tests|e2e|benchmarks|tools|examples"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def targets() -> set[str]:
    (phony,) = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    return set(phony.replace("\\\n", " ").split())


def dependencies() -> set[str]:
    """By name, those of extras and of benchmarks included."""
    project = tomllib.loads(read("pyproject.toml"))
    required: list[str] = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in project["project"]["optional-dependencies"].values():
        required += extra
    for path in ROOT.glob("benchmarks/*/requirements.txt"):
        required += path.read_text(encoding="utf-8").split()
    names = {re.split(r"[\[<>=~!]", one)[0] for one in required} - {"metafor"}
    for path in [ROOT / "package.json", *ROOT.glob("benchmarks/*/package.json")]:
        names |= set(json.loads(path.read_text(encoding="utf-8"))["dependencies"])
    return names


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_links_and_targets_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = {ROOT / name.rstrip(".") for name in re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", text)}
    linked = {path.parent / link for link in re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", text)}
    assert {str(one) for one in named | linked if not one.exists()} == set()
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets()


def test_the_files_of_the_architecture_are_there() -> None:
    """It names most of them from inside their part, such as ``dom/slots.py`` or ``hub.py``."""
    files = [path for part in ("metafor", "tests", "e2e") for path in (ROOT / part).rglob("*.*")]
    files += ROOT.glob("benchmarks/*.py")
    named = set(re.findall(r"`([\w/]+\.(?:py|js))`", read("ARCHITECTURE.md"))) - {"main.py"}
    assert {one for one in named if not any(str(file).endswith(f"/{one}") for file in files)} == set()


def test_every_dependency_has_its_line() -> None:
    _, _, rest = read("ARCHITECTURE.md").partition("\n## Dependencies\n")
    table, _, _ = rest.partition("\n## ")
    assert dependencies() - set(re.findall(r"`([^`]+)`", table)) == set()


def test_the_readme_lists_every_page_and_every_example() -> None:
    text = read("README.md")
    pages = {f"| [{page.relative_to(ROOT)}](" for page in ROOT.glob("docs/*.md")}
    examples = {f"| `examples/{page.parent.name}` |" for page in ROOT.glob("examples/*/README.md")}
    assert {line for line in pages | examples if line not in text} == set()


def test_the_help_of_make_names_every_target() -> None:
    printed = " ".join(re.findall(r'@echo "(.*)"', MAKEFILE))
    assert targets() - set(re.findall(r"[\w-]+", printed)) == {"help"}
    rules = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert rules == targets()
