"""Where nodes live: a page, a tree in memory, or a string of HTML."""
