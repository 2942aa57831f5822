"""Probability samples of scored posts: drawn, written for people, read back with labels, and estimated from."""
