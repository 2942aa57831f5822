"""Fetching: public corpora from their pinned originals."""
