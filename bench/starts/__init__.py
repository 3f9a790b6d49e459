"""What starts in a fresh process. Each prints its CPU time in seconds and its peak memory in bytes."""
