"""What carries messages between hubs: in one process (memory), or between machines (redis)."""
