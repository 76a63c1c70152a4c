"""``metafor serve``: the app, its runtime and the room server on one origin, rebuilt as files change."""
