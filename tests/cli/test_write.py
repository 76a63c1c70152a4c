"""Where a build may go, and that it goes there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from metafor.cli.build.site import Site
from metafor.cli.build.write import check_output, write_site
from metafor.cli.errors import OutputError

MANIFEST = "metafor/manifest.json"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "work" / "app"
    folder.mkdir(parents=True)
    return folder


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def test_a_build_replaces_the_former_one(app: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("from disk")
    target = check_output(app / "dist", app)
    assert write_site(Site("1", {MANIFEST: b"{}", "old.txt": b"old"}), target) == 5
    write_site(Site("2", {MANIFEST: b"{}", "a/new.txt": source}), check_output(target, app))
    assert content(target) == {MANIFEST: "{}", "a/new.txt": "from disk"}
    assert [path.name for path in app.iterdir()] == ["dist"]
    assert target.stat().st_mode & 0o777 == 0o755


def test_folders_on_the_way_are_made_and_an_empty_one_is_taken(app: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for output in (tmp_path / "x" / "y" / "dist", tmp_path / "empty"):
        target = check_output(output, app)
        write_site(Site("1", {MANIFEST: b"{}"}), target)
        assert content(target) == {MANIFEST: "{}"}


def test_a_link_to_a_folder_is_followed(app: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_site(Site("1", {MANIFEST: b"{}"}), check_output(tmp_path / "link", app))
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == {MANIFEST: "{}"}


def test_what_is_no_build_is_not_written_over(app: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("cat")
    (tmp_path / "file").write_text("x")
    for output, message in (
        (tmp_path / "photos", "not made by metafor build"),
        (tmp_path / "file", "is no directory"),
        (app, "holds the app itself"),
        (app.parent, "holds the app itself"),
    ):
        with pytest.raises(OutputError, match=message) as raised:
            check_output(output, app)
        assert raised.value.next_step


def test_a_build_that_fails_leaves_the_former_one(app: Path) -> None:
    target = check_output(app / "dist", app)
    write_site(Site("1", {MANIFEST: b"{}", "x": b"former"}), target)
    with pytest.raises(OutputError, match="cannot be written"):
        write_site(Site("2", {MANIFEST: b"{}", "x": app / "nowhere"}), target)
    assert content(target) == {MANIFEST: "{}", "x": "former"}
    assert [path.name for path in app.iterdir()] == ["dist"]


def test_a_replacement_that_fails_brings_the_former_one_back(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = check_output(app / "dist", app)
    write_site(Site("1", {MANIFEST: b"{}", "x": b"former"}), target)
    rename = Path.rename

    def fail_once(self: Path, to: Path) -> Path:
        if "-new-" in self.name:
            raise OSError("disk on fire")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(OutputError, match="disk on fire"):
        write_site(Site("2", {MANIFEST: b"{}", "x": b"new"}), target)
    assert content(target)["x"] == "former"
    assert [path.name for path in app.iterdir()] == ["dist"]
