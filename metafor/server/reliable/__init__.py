"""The reliable extension, server side. `docs/protocol.md` specifies it."""
