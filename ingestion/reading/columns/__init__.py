"""Many records at once: rows that wait for others like them, and their values as columns."""
