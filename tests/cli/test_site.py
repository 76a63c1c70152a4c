"""What a built site consists of."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from metafor.cli.build.archive import zip_files
from metafor.cli.build.site import Builder, Content, Site
from metafor.cli.errors import AppError, BuildError
from metafor.cli.runtime.find import Runtime
from tests.cli.conftest import MakeApp, write_tree

PYODIDE = "metafor/pyodide-314.0.7"


def text(site: Site, path: str) -> str:
    content = site.files[path]
    assert isinstance(content, bytes)
    return content.decode()


def names(content: Content) -> list[str]:
    assert isinstance(content, bytes)
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_the_files_of_a_site(make_app: MakeApp, runtime: Runtime) -> None:
    site = Builder(
        make_app({"main.py": "import a", "a.py": "", "assets/x/logo.svg": "<svg/>"}), runtime
    ).build()
    assert sorted(site.files) == [
        "assets/x/logo.svg", "index.html", "metafor/app.zip", "metafor/boot.js", "metafor/dom.js",
        "metafor/manifest.json", "metafor/overlay.js", "metafor/packages.zip", "metafor/progress.js",
        f"{PYODIDE}/pyodide.asm.js", f"{PYODIDE}/pyodide.asm.wasm", f"{PYODIDE}/pyodide.js",
        f"{PYODIDE}/python_stdlib.zip", "metafor/start.js",
    ]  # fmt: skip
    assert names(site.files["metafor/app.zip"]) == ["a.py", "main.py"]
    assert site.sources == ["main.py", "a.py"]
    assert site.assets == ["assets/x/logo.svg"]
    assert site.packages == ["metafor"]


def test_neither_compiler_nor_server_nor_command_is_in_it(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({"main.py": "from metafor.channels import Channel\nimport metafor.dom"})
    site = Builder(app, runtime).build()
    packages = names(site.files["metafor/packages.zip"])
    tops = {"/".join(name.split("/")[:2]) for name in packages if name.startswith("metafor/")}
    assert tops == {
        "metafor/__init__.py", "metafor/channels", "metafor/core", "metafor/dom", "metafor/errors.py",
        "metafor/page", "metafor/rx.py",
    }  # fmt: skip
    assert "metafor/channels/transports/browser.py" in packages
    assert "metafor/channels/transports/cpython.py" not in packages
    assert "reactivex/__init__.py" in packages
    assert "typing_extensions.py" in packages
    assert not any(name.endswith((".pyc", ".js", ".mjs", ".map")) for name in packages)
    assert site.packages == ["metafor", "reactivex", "typing_extensions"]


def test_streams_come_only_with_an_app_that_uses_them(make_app: MakeApp, runtime: Runtime) -> None:
    site = Builder(make_app({"main.py": "from metafor.dom import mount"}), runtime).build()
    packages = names(site.files["metafor/packages.zip"])
    assert {name.split("/")[0] for name in packages} == {"metafor"}
    assert not any(name.startswith("metafor/channels") for name in packages)
    assert "metafor/sockets.js" not in site.files


def test_no_address_leaves_the_site_or_depends_on_its_path(make_app: MakeApp, runtime: Runtime) -> None:
    site = Builder(make_app({"main.py": "import metafor.channels"}), runtime).build()
    assert re.findall(r'(?:src|href)="([^"]*)"', text(site, "index.html")) == [
        "data:,", f"metafor/boot.js?v={site.id}",
    ]  # fmt: skip
    manifest = json.loads(text(site, "metafor/manifest.json"))
    addresses = [archive["file"] for archive in manifest["archives"]] + list(manifest["parts"].values())
    assert sorted(manifest["parts"]) == ["dom", "sockets"]
    for address in addresses:
        assert re.fullmatch(r"[a-z]+\.(zip|js)\?v=[0-9a-f]{16}", address)
        assert f"metafor/{address.partition('?')[0]}" in site.files
    assert manifest["python"]["lock"] == {"info": {"python": "3.14.2"}, "packages": {}}
    folder = "metafor/" + manifest["python"]["folder"]
    for name in (manifest["python"]["loader"], manifest["python"]["module"], *manifest["python"]["fetched"]):
        assert folder + name in site.files


def test_no_mjs_no_source_map_no_inline_script(make_app: MakeApp, runtime: Runtime) -> None:
    site = Builder(make_app({}), runtime).build()
    assert not any(path.endswith((".mjs", ".map")) for path in site.files)
    assert text(site, f"{PYODIDE}/pyodide.js") == 'load("pyodide.asm.js");\n'
    assert text(site, f"{PYODIDE}/pyodide.asm.js") == 'here("pyodide.asm.js");\n'
    assert re.findall(r"<script[^>]*>([^<]*)</script>", text(site, "index.html")) == [""]
    assert "style=" not in text(site, "index.html")
    for script in ("boot", "start", "progress", "overlay"):
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
                             text(site, f"metafor/{script}.js"))  # fmt: skip


def test_the_same_app_gives_the_same_site(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({"main.py": "import a", "a.py": "x = 1"})
    first, second = Builder(app, runtime).build(), Builder(app, runtime).build()
    assert first == second
    (app / "main.py").touch()
    assert Builder(app, runtime).build() == first


@pytest.mark.parametrize("changed", ["a.py", "index.html", "assets/x.css", "pyproject.toml"])
def test_another_content_has_another_id(make_app: MakeApp, runtime: Runtime, changed: str) -> None:
    files = {"main.py": "import a", "a.py": "", "index.html": "<p>", "assets/x.css": "", "pyproject.toml": ""}
    app = make_app(files)
    builder = Builder(app, runtime)
    first = builder.build()
    write_tree(app, {changed: '[tool.metafor]\ntitle = "New"' if changed == "pyproject.toml" else "# new"})
    assert builder.build().id != first.id
    write_tree(app, files)
    assert builder.build() == first


def test_the_authors_page_is_kept_byte_for_byte(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({})
    (app / "index.html").write_bytes(b"<body>\xff\xfe caf\xe9</body>")
    site = Builder(app, runtime).build()
    script = f'<script src="metafor/boot.js?v={site.id}"></script>\n'.encode()
    assert site.files["index.html"] == b"<body>\xff\xfe caf\xe9" + script + b"</body>"


def test_a_favicon_among_the_assets_is_used(make_app: MakeApp, runtime: Runtime) -> None:
    site = Builder(make_app({"assets/favicon.svg": "<svg/>"}), runtime).build()
    assert '<link rel="icon" href="assets/favicon.svg">' in text(site, "index.html")


def test_hidden_files_and_links_out_of_the_app_are_left_out(
    make_app: MakeApp, runtime: Runtime, tmp_path: Path
) -> None:
    outside = write_tree(tmp_path / "outside", {"secret.txt": "s"})
    app = make_app({"assets/a.txt": "a", "assets/.env": "s", "assets/.git/x": "s"})
    (app / "assets" / "file").symlink_to(outside / "secret.txt")
    (app / "assets" / "folder").symlink_to(outside)
    (app / "assets" / "inside").symlink_to(app / "assets" / "a.txt")
    (app / "assets" / "dangling").symlink_to(app / "nowhere")
    site = Builder(app, runtime).build()
    assert site.assets == ["assets/a.txt", "assets/inside"]
    assert site.left_out == [
        "assets/.env (hidden)", "assets/dangling (a link)", "assets/file (a link)", "assets/folder (a link)",
    ]  # fmt: skip
    (app / "index.html").symlink_to(outside / "secret.txt")
    with pytest.raises(BuildError) as raised:
        Builder(app, runtime).build()
    assert "index.html" in raised.value.report


def test_mistakes_are_raised_together(make_app: MakeApp, runtime: Runtime) -> None:
    with pytest.raises(BuildError, match="2 problems") as raised:
        Builder(make_app({"main.py": "import metafor.cli, nowhere"}), runtime).build()
    assert len(raised.value.problems) == 2
    assert raised.value.exit_code == 1


def test_an_app_that_ceases_to_be_one(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({})
    builder = Builder(app, runtime)
    (app / "main.py").unlink()
    with pytest.raises(AppError):
        builder.build()


def test_a_site_that_shows_problems(make_app: MakeApp, runtime: Runtime) -> None:
    builder = Builder(make_app({}), runtime, changes="../_metafor/changes")
    site = builder.broken("main.py:1: <b>oh</b>")
    manifest = json.loads(text(site, "metafor/manifest.json"))
    assert manifest["problems"] == "main.py:1: <b>oh</b>"
    assert manifest["changes"] == "../_metafor/changes"
    assert "metafor/changes.js" in site.files
    assert builder.broken("other").id != site.id != builder.build().id


def test_archives_do_not_depend_on_order() -> None:
    assert zip_files({"a": b"1", "b": b"2"}) == zip_files({"b": b"2", "a": b"1"})
