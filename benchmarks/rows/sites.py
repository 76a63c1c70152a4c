"""Builds the benchmark page with each framework, as its own documentation says, into ``.cache/rows``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["FRAMEWORKS", "build"]

HERE = Path(__file__).parent
APPS = HERE / "apps"
ROOT = HERE.parent.parent
OUT = ROOT / ".cache" / "rows"
#: Where `make bench-dom` unpacks wybthon and frontage.
PACKAGES = HERE / "site-packages"
PYODIDE = ROOT / "node_modules" / "pyodide"


def build(framework: str) -> Path:
    """Build the page of ``framework`` and give the folder to serve."""
    out = OUT / framework
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    _BUILDERS[framework](out)
    return out


def _page(out: Path, boot: str) -> None:
    page = (APPS / "page.html").read_text(encoding="utf-8")
    (out / "index.html").write_text(page.replace("<!-- boot -->", boot), encoding="utf-8")


def _metafor(out: Path) -> None:
    """A copy of the app with the words, built by ``metafor build``."""
    app = OUT / "metafor-app"
    shutil.rmtree(app, ignore_errors=True)
    shutil.copytree(APPS / "metafor", app)
    shutil.copy(APPS / "words.py", app)
    _page(app, "")
    command = [sys.executable, "-m", "metafor.cli", "build", app, "--out", out, "--runtime", PYODIDE]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)


def _script(name: str, source: str) -> Callable[[Path], None]:
    def bundle(out: Path) -> None:
        """One minified module."""
        command = ["node", HERE / "bundle.mjs", APPS / name / source, out / "main.js"]
        subprocess.run(command, check=True, timeout=120)
        _page(out, '<script type="module" src="main.js"></script>')

    return bundle


def _wybthon(out: Path) -> None:
    """Pyodide, the package and the app; wybthon has no build step."""
    files = [(path, str(path.relative_to(PACKAGES))) for path in sorted((PACKAGES / "wybthon").rglob("*.py"))]
    files += [(APPS / "wybthon" / "main.py", "main.py"), (APPS / "words.py", "words.py")]
    _zip(out / "app.zip", files)
    (out / "pyodide").symlink_to(PYODIDE)
    shutil.copy(APPS / "wybthon" / "boot.js", out)
    _page(out, '<script type="module" src="boot.js"></script>')


def _zip(target: Path, files: Iterable[tuple[Path, str]]) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for path, name in files:
            archive.write(path, name)


def _frontage(out: Path) -> None:
    """What ``frontage build`` writes, but with all its modules: its command needs Python 3.14 to find out
    which ones a page reaches. The compiler is the package's own.
    """
    package = PACKAGES / "frontage"
    modules = {f"frontage.{path.stem}": path for path in package.glob("*.py") if path.stem != "__main__"}
    modules["frontage"] = modules.pop("frontage.__init__")
    modules["words"] = APPS / "words.py"
    folder = out / "_frontage"
    shutil.copytree(package / "_runtime", folder)
    for name, path in {**modules, "app": APPS / "frontage" / "app.py"}.items():
        subprocess.run([package / "_bin" / "fpy", "--compile", folder / f"{name}.fbc", path], check=True)
    (folder / "manifest.json").write_text(json.dumps({"modules": sorted(modules)}), encoding="utf-8")
    _page(out, '<script type="module" src="./_frontage/boot.js" data-fr-boot data-fr-entry="app"></script>')


_BUILDERS: dict[str, Callable[[Path], None]] = {
    "metafor": _metafor,
    "vanilla": _script("vanilla", "main.js"),
    "solid": _script("solid", "main.jsx"),
    "react": _script("react", "main.jsx"),
    "wybthon": _wybthon,
    "frontage": _frontage,
}
FRAMEWORKS = tuple(_BUILDERS)
