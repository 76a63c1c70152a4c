"""What carries messages between hubs: in one process (memory), later between machines."""
