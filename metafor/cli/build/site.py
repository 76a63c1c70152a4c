"""The site of an app: every file of it, in memory, as `metafor build` writes and `metafor serve` sends it.

::

    index.html
    assets/…                      as they are in the app
    metafor/boot.js, start.js, …  the page's start
            manifest.json         what to fetch, and where it goes
            dom.js, sockets.js    the JavaScript halves of metafor.dom and metafor.channels
            app.zip               the app's modules and compiled templates
            packages.zip          metafor, RxPY if the app uses channels, and the app's wheels
            pyodide-X.Y.Z/        the runtime; nothing in it changes while its name is the same

Every address is relative, and no other origin is asked for anything (ruling 35). The site itself runs
under the policy ``script-src 'self' 'wasm-unsafe-eval'`` with ``connect-src 'self'``. What Pyodide adds:
Python that calls ``js.eval`` or ``pyodide.code.run_js``, and extension modules that carry JavaScript,
need ``'unsafe-eval'``; wheels of that kind are not bundled. What templates add: a ``style`` attribute
needs ``style-src 'unsafe-inline'``.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import metafor
from metafor.cli.app import App, load_app
from metafor.cli.build.archive import zip_files
from metafor.cli.build.modules import Collection, collect
from metafor.cli.build.packages import metafor_files, stream_files
from metafor.cli.build.page import generate_page, insert_boot
from metafor.cli.build.scripts import dom_script, sockets_script
from metafor.cli.build.wheels import resolve_wheels, top_level_modules
from metafor.cli.errors import BuildError
from metafor.cli.runtime.find import Runtime
from metafor.cli.runtime.release import LOCK

__all__ = ["MANIFEST", "Builder", "Content", "Site"]

#: A file of the site: its bytes, or the file on disk that holds them.
Content = bytes | Path

MANIFEST = "metafor/manifest.json"
#: Where the archives are unpacked in the page's file system; tracebacks show these names.
FOLDERS = {"app": "/app", "packages": "/packages"}

_PAGE_SCRIPTS = ("boot.js", "start.js", "progress.js", "overlay.js")
_ICONS = ("favicon.svg", "favicon.png", "favicon.ico")


@dataclass(frozen=True, slots=True)
class Site:
    """A built app. ``id`` names the content: it is the same exactly when everything on the site is.

    ``sources`` are the app's files that went in, ``assets`` what was copied, ``packages`` what came
    along, ``left_out`` what was not shipped and why.
    """

    id: str
    files: Mapping[str, Content]
    sources: Sequence[str] = ()
    assets: Sequence[str] = ()
    packages: Sequence[str] = ()
    left_out: Sequence[str] = ()


class Builder:
    """Builds the site of one app, again and again. What does not change is not made anew.

    ``changes`` is the address, relative to ``metafor/``, at which the page hears of changes
    (`metafor serve` only).
    """

    def __init__(self, directory: Path, runtime: Runtime, *, changes: str | None = None) -> None:
        self._directory = directory
        self._runtime = runtime
        self._changes = changes
        self._runtime_files: dict[str, Content] | None = None
        self._wheels: tuple[tuple[str, ...], dict[str, bytes]] = ((), {})
        self._packages: tuple[str, bytes] = ("", b"")

    def build(self) -> Site:
        """The site as the app is now. Raises `BuildError` with all problems, or `AppError`."""
        app = load_app(self._directory)
        wheels = self._resolve(app.settings.requires)
        found = collect(app, top_level_modules(wheels))
        assets, left_out = _assets(app.root)
        if found.problems:
            raise BuildError(found.problems)

        page = _read_page(app.root)
        parts, archives, names = self._parts_and_archives(found, wheels)
        scripts = self._scripts()
        identity = _digest(
            {**scripts, **parts, **archives, **assets, "page": page or b"", "title": app.title.encode()}
        )
        manifest = {
            **self._manifest(identity),
            "folders": FOLDERS,
            "archives": [
                {"file": _versioned("app.zip", archives), "folder": "app"},
                {"file": _versioned("packages.zip", archives), "folder": "packages"},
            ],
            "parts": {name.removesuffix(".js"): _versioned(name, parts) for name in parts},
        }
        return Site(
            id=identity,
            files={
                "index.html": _page(app, page, assets, identity),
                MANIFEST: _json(manifest),
                **_under("metafor", {**scripts, **parts, **archives}),
                **_under(f"metafor/{self._python_folder}", self._runtime_content()),
                **assets,
            },
            sources=found.sources,
            assets=sorted(assets),
            packages=names,
            left_out=left_out,
        )

    def broken(self, problems: str) -> Site:
        """A site whose page shows ``problems`` and waits for them to be mended."""
        scripts = self._scripts()
        identity = _digest({**scripts, "problems": problems.encode()})
        index = generate_page(title="metafor", lang="en", icon=None, version=identity).encode()
        manifest = {**self._manifest(identity), "problems": problems}
        return Site(identity, {"index.html": index, MANIFEST: _json(manifest), **_under("metafor", scripts)})

    # -- Parts -----------------------------------------------------------------------------------

    @property
    def _python_folder(self) -> str:
        return f"pyodide-{self._runtime.version}"

    def _manifest(self, identity: str) -> dict[str, Any]:
        lock = json.loads((self._runtime.folder / LOCK).read_text(encoding="utf-8"))
        return {
            "metafor": metafor.__version__,
            "id": identity,
            "changes": self._changes,
            "problems": None,
            "python": {
                "folder": f"{self._python_folder}/",
                "loader": "pyodide.js",
                "module": "pyodide.asm.js",
                "fetched": ["pyodide.asm.wasm", "python_stdlib.zip"],
                # Without packages: a page takes nothing from Pyodide's own index (ruling 34).
                "lock": {"info": lock["info"], "packages": {}},
            },
        }

    def _scripts(self) -> dict[str, bytes]:
        folder = Path(metafor.__file__).parent / "page"
        names = (*_PAGE_SCRIPTS, "changes.js") if self._changes else _PAGE_SCRIPTS
        return {name: (folder / name).read_bytes() for name in names}

    def _parts_and_archives(
        self, found: Collection, wheels: dict[str, bytes]
    ) -> tuple[dict[str, bytes], dict[str, bytes], list[str]]:
        channels = found.reaches("metafor.channels", "metafor.rx", "reactivex")
        parts = {"dom.js": dom_script(), **({"sockets.js": sockets_script()} if channels else {})}
        files = {**(stream_files() if channels else {}), **wheels, **metafor_files(channels=channels)}
        archives = {"app.zip": zip_files(found.files), "packages.zip": self._zip_packages(files)}
        return parts, archives, sorted(top_level_modules(files))

    def _zip_packages(self, files: dict[str, bytes]) -> bytes:
        identity = _digest(files)
        if self._packages[0] != identity:
            self._packages = (identity, zip_files(files))
        return self._packages[1]

    def _resolve(self, requires: tuple[str, ...]) -> dict[str, bytes]:
        if self._wheels[0] != requires:
            self._wheels = (requires, resolve_wheels(requires))
        return self._wheels[1]

    def _runtime_content(self) -> dict[str, Content]:
        if self._runtime_files is None:
            folder = self._runtime.folder
            self._runtime_files = {
                "pyodide.js": _as_js(folder / "pyodide.mjs"),
                "pyodide.asm.js": _as_js(folder / "pyodide.asm.mjs"),
                "pyodide.asm.wasm": folder / "pyodide.asm.wasm",
                "python_stdlib.zip": folder / "python_stdlib.zip",
            }
        return self._runtime_files


def _as_js(path: Path) -> bytes:
    """A module under the name that every server gives the right type (ruling 35), without source map."""
    lines = path.read_bytes().replace(b"pyodide.asm.mjs", b"pyodide.asm.js").splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))


def _read_page(root: Path) -> bytes | None:
    path = root / "index.html"
    if not path.is_file():
        return None
    if not path.resolve().is_relative_to(root):
        raise BuildError(["index.html: is a link that leaves the app\n  -> copy the file into the app"])
    return path.read_bytes()


def _page(app: App, own: bytes | None, assets: Mapping[str, Content], identity: str) -> bytes:
    if own is None:
        icon = next((f"assets/{name}" for name in _ICONS if f"assets/{name}" in assets), None)
        page = generate_page(title=app.title, lang=app.settings.lang, icon=icon, version=identity)
    else:
        # Whatever its encoding, it is given back byte for byte around the script.
        page = insert_boot(own.decode("utf-8", "surrogateescape"), identity)
    return page.encode("utf-8", "surrogateescape")


def _assets(root: Path) -> tuple[dict[str, Path], list[str]]:
    """What is under ``assets/``, and what of it never goes: dot-files and links that leave the app."""
    taken: dict[str, Path] = {}
    left_out: list[str] = []
    for folder, folders, names in os.walk(root / "assets"):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in links)
        for name in sorted([*names, *links]):
            path = Path(folder) / name
            shown = path.relative_to(root).as_posix()
            if name.startswith("."):
                left_out.append(f"{shown} (hidden)")
            elif name in links or not path.resolve().is_relative_to(root) or not path.is_file():
                left_out.append(f"{shown} (a link)")
            else:
                taken[shown] = path
    return taken, left_out


def _digest(files: Mapping[str, Content]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        data = content if isinstance(content, bytes) else content.read_bytes()
        digest.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        digest.update(data)
    return digest.hexdigest()[:16]


def _versioned(name: str, files: Mapping[str, bytes]) -> str:
    """The address of a file that caches may keep: another content has another address."""
    return f"{name}?v={hashlib.sha256(files[name]).hexdigest()[:16]}"


def _under(folder: str, files: Mapping[str, Content]) -> dict[str, Content]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
