"""Refitting: the same model fitted anew, many times over, to see which tags are accidents."""
