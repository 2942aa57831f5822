"""Storage: durable writes, locks, and a check of the file system."""
