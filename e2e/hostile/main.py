"""Hostile strings in every position of a page, and of a string that was rendered from the same."""

import sys
import warnings

from positions import Positions

from metafor.core import set_error_handler
from metafor.dom import mount, render_to_string

errors = []
set_error_handler(lambda error: errors.append(f"{type(error).__name__}: {error}"))
warnings.simplefilter("ignore")

mount(Positions, "#app")

if sys.platform == "emscripten":
    import js

    js.metaforErrors = len(errors)
    js.rendered = render_to_string(Positions).encode("utf-8", "replace").decode()
