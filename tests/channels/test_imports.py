"""What an import loads (ruling 39), in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "module", ["metafor.channels", "metafor.channels.protocol", "metafor.channels.errors"]
)
def test_ruling_39_the_protocol_loads_neither_core_nor_streams(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    for other in ("reactivex", "metafor.core", "metafor.dom", "websockets", "asyncio"):
        assert other not in loaded


def test_ruling_39_a_channel_loads_reactivex_only_for_its_stream() -> None:
    make = "from metafor.channels import Channel; channel = Channel('ws://x'); "
    assert "reactivex" not in loaded_by(make)
    assert "websockets" not in loaded_by(make)
    assert "metafor.dom" not in loaded_by(make)
    assert "reactivex" in loaded_by(make + "channel.stream")


def test_every_public_name_loads() -> None:
    import metafor.channels
    from metafor.channels import errors

    assert set(errors.__all__) <= set(metafor.channels.__all__)
    for name in metafor.channels.__all__:
        assert getattr(metafor.channels, name) is not None
    assert set(metafor.channels.__all__) <= set(dir(metafor.channels))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = metafor.channels.nothing
