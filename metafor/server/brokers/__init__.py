"""What carries messages between hubs: within one process (memory), or between processes and machines (redis)."""
