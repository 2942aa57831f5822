"""Corpus: posts read from files, their labels, where they come from, and how they are divided."""
