"""The commands: what can be asked for, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from metafor import __version__
from metafor.cli.check import check
from metafor.cli.errors import BuildError, CliError
from metafor.cli.rooms import rooms
from metafor.cli.runtime.find import Runtime, find_runtime, nearest_runtime, runtime_at
from metafor.errors import MetaforError

__all__ = ["main"]

Command = TypeVar("Command", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)


class _Main(click.Group):
    """Turns an error that has a name into a message and an exit code; any other is a bug and shows whole."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MetaforError as error:
            if isinstance(error, BuildError):
                click.echo(error.report + "\n", err=True)
            click.echo(f"Error: {error.message} [{error.code}]", err=True)
            if error.next_step:
                click.echo(f"  -> {error.next_step}", err=True)
            ctx.exit(error.exit_code if isinstance(error, CliError) else 1)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="metafor")
def main() -> None:
    """Real-time web interfaces in Python alone."""


main.add_command(check)
main.add_command(rooms)


def _runtime_options(command: Command) -> Command:
    command = click.option(
        "--runtime",
        default="auto",
        show_default=True,
        metavar="auto|PATH",
        help="Pyodide: found in node_modules or the user's cache, or the directory that holds it.",
    )(command)
    return click.option(
        "--cdn", is_flag=True, help="If there is none, download it from Pyodide's CDN into the cache."
    )(command)


def _server_options(command: Command) -> Command:
    command = click.option(
        "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
    )(command)
    command = click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")(command)
    command = click.option("--no-reload", is_flag=True, help="Do not watch the app's files.")(command)
    return _runtime_options(command)


@main.command()
@click.argument("app", type=_PATH)
@_server_options
def serve(app: Path, host: str, port: int, no_reload: bool, runtime: str, cdn: bool) -> None:
    """Serve the app in the directory APP, with rooms at /ws, and reload its pages as files change."""
    _serve(app, host, port, no_reload, runtime, cdn)


@main.command()
@_server_options
def demo(host: str, port: int, no_reload: bool, runtime: str, cdn: bool) -> None:
    """Serve the example chat. Open it in two windows."""
    from metafor.cli.demo import demo_app

    _serve(demo_app(), host, port, no_reload, runtime, cdn)


@main.command()
@click.argument("app", type=_PATH)
@click.option("--out", required=True, type=_PATH, metavar="DIST", help="The directory to write to.")
@_runtime_options
def build(app: Path, out: Path, runtime: str, cdn: bool) -> None:
    """Write the app in the directory APP as a static site, for any web server and under any path."""
    from metafor.cli.app import load_app
    from metafor.cli.build.site import Builder
    from metafor.cli.build.write import check_output, write_site

    root = load_app(app).root
    target = check_output(out, root)
    site = Builder(root, _runtime(runtime, cdn, root)).build()
    size = write_site(site, target)
    for title, names in (
        ("modules", site.sources),
        ("assets", site.assets),
        ("packages", site.packages),
        ("left out", site.left_out),
    ):
        if names:
            click.echo(f"{title}:")
            for name in names:
                click.echo(f"  {name}")
    click.echo(f"Built {out}: {len(site.files)} files, {size / 1e6:.1f} MB. Any web server can serve it.")


def _serve(app: Path, host: str, port: int, no_reload: bool, runtime: str, cdn: bool) -> None:
    from metafor.cli.app import load_app
    from metafor.cli.serve.server import serve as run

    root = load_app(app).root
    run(root, _runtime(runtime, cdn, root), host=host, port=port, reload=not no_reload)


def _runtime(choice: str, cdn: bool, app: Path) -> Runtime:
    if cdn:
        from metafor.cli.runtime.download import download_runtime

        if choice != "auto":
            raise click.UsageError("--cdn and --runtime PATH exclude each other")
        return nearest_runtime(app) or download_runtime(click.echo)
    return find_runtime(app) if choice == "auto" else runtime_at(Path(choice))
