"""Trying a model out: swapped terms, other spellings, refits, texts drawn for it."""
