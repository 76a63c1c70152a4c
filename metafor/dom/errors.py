"""The errors of the renderer."""

from __future__ import annotations

from metafor.errors import MetaforError

__all__ = ["AttributeValueError", "DomError", "MountError", "PropError"]


class DomError(MetaforError):
    """Root of the renderer's errors."""

    code = "dom/error"


class MountError(DomError):
    """There is no place to mount into, or nothing that can be mounted."""

    code = "dom/mount"


class PropError(DomError):
    """A component was given an attribute that it does not take, or misses one, or of a wrong type."""

    code = "dom/prop"


class AttributeValueError(DomError):
    """An attribute was given a value that it cannot hold."""

    code = "dom/attribute"
