"""Second phase: the meaning of names, tags and attributes, and what is wrong with them."""
