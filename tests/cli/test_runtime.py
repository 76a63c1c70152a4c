"""Finding Pyodide, and bringing it in."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import IO

import pytest

import metafor
from metafor.cli.errors import DownloadError, RuntimeNotFound
from metafor.cli.runtime import download, find
from metafor.cli.runtime.download import download_runtime
from metafor.cli.runtime.find import find_runtime, nearest_runtime, runtime_at
from metafor.cli.runtime.release import CDN, SHA256, VERSION
from tests.cli.conftest import fake_runtime

CHECKOUT = Path(metafor.__file__).parent.parent


class Places:
    """An app, a working directory, an installed package and a cache that have nothing in common."""

    def __init__(self, root: Path) -> None:
        self.app, self.cwd, self.package = root / "a/b/app", root / "cwd", root / "site/metafor"
        self.cache = root / "cache" / "pyodide"
        for folder in (self.app, self.cwd, self.package):
            folder.mkdir(parents=True)

    def find(self) -> Path:
        return find_runtime(self.app, cwd=self.cwd, cache=self.cache, package=self.package).folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path.resolve())


def test_the_nearest_wins(places: Places) -> None:
    fake_runtime(places.cache)
    assert places.find() == places.cache
    for base in (places.package.parent, places.cwd, places.app.parent.parent, places.app):
        expected = fake_runtime(base / "node_modules" / "pyodide")
        assert places.find() == expected


def test_nothing_anywhere(places: Places) -> None:
    assert nearest_runtime(places.app, cwd=places.cwd, cache=places.cache, package=places.package) is None
    with pytest.raises(RuntimeNotFound, match=VERSION) as raised:
        places.find()
    assert f"npm install pyodide@{VERSION}" in raised.value.next_step
    assert "--cdn" in raised.value.next_step


def test_another_version_is_an_error_also_when_a_right_one_is_further_away(places: Places) -> None:
    fake_runtime(places.cache)
    fake_runtime(places.app / "node_modules" / "pyodide", version="0.27.1")
    with pytest.raises(RuntimeNotFound, match=rf"holds Pyodide 0\.27\.1, but .* needs {VERSION}"):
        places.find()


def test_a_named_directory(tmp_path: Path) -> None:
    folder = fake_runtime(tmp_path / "node_modules" / "pyodide")
    assert runtime_at(folder).folder == runtime_at(tmp_path).folder == folder.resolve()
    (folder / "pyodide.asm.wasm").unlink()
    with pytest.raises(RuntimeNotFound, match=r"lacks pyodide\.asm\.wasm"):
        runtime_at(folder)
    (folder / "package.json").write_text("{")
    with pytest.raises(RuntimeNotFound, match="holds no Pyodide"):
        runtime_at(folder)
    with pytest.raises(RuntimeNotFound, match="holds no Pyodide"):
        runtime_at(tmp_path / "nowhere")


def test_the_pinned_release_is_the_one_of_package_json() -> None:
    pinned = json.loads((CHECKOUT / "package.json").read_text())["dependencies"]["pyodide"]
    assert pinned == VERSION
    for name, checksum in SHA256.items():
        content = (CHECKOUT / "node_modules" / "pyodide" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum, name


class Network:
    """What an opener finds at each address; an OSError is raised."""

    def __init__(self, folder: Path) -> None:
        self.content: dict[str, bytes | OSError] = {
            CDN + name: (folder / name).read_bytes() for name in SHA256
        }

    def open(self, address: str) -> IO[bytes]:
        found = self.content[address]
        if isinstance(found, OSError):
            raise found
        return io.BytesIO(found)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    folder = fake_runtime(tmp_path / "published")
    checksums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in SHA256}
    monkeypatch.setattr(download, "SHA256", checksums)
    return Network(folder)


def test_the_download_is_said_checked_and_done_once(tmp_path: Path, network: Network) -> None:
    cache, said = tmp_path / "user" / "cache", []
    runtime = download_runtime(said.append, cache=cache, opener=network.open)
    assert runtime.folder == cache.resolve()
    assert said[0] == f"Downloading Pyodide {VERSION} from {CDN} into {cache}"
    assert [line.split()[0] for line in said[1:]] == list(SHA256)
    network.content.clear()
    assert download_runtime(said.append, cache=cache, opener=network.open) == runtime
    assert [path.name for path in cache.parent.iterdir()] == ["cache"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (OSError("no route to host"), "no route to host"),
        (b"<html>blocked</html>", "not the file it should be"),
    ],
)
def test_a_failed_download_leaves_nothing(
    tmp_path: Path, network: Network, found: bytes | OSError, message: str
) -> None:
    cache = tmp_path / "user" / "cache"
    network.content[CDN + "pyodide.asm.wasm"] = found
    with pytest.raises(DownloadError, match=message) as raised:
        download_runtime(lambda line: None, cache=cache, opener=network.open)
    assert raised.value.next_step
    assert list(cache.parent.iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path: Path, network: Network) -> None:
    (tmp_path / "user").write_text("a file in the way")
    with pytest.raises(DownloadError, match="cannot be stored"):
        download_runtime(lambda line: None, cache=tmp_path / "user" / "cache", opener=network.open)


def test_the_cache_is_the_users_own() -> None:
    assert find.cache_folder().name == f"pyodide-{VERSION}"
