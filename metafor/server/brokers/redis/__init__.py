"""The broker of several processes and machines: Redis 7 and later (the extra ``redis``)."""
