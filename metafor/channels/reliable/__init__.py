"""The reliable extension, client side (`docs/protocol.md`): nothing lost, nothing twice, or you are told."""
