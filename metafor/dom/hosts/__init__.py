"""Where nodes live: a page, or a tree in memory."""
