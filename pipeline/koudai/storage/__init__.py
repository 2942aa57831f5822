"""Files that stay: durable writes through one disk, and what a mount must be able to do."""
