"""Near-duplicates: groups of posts that say nearly the same."""
