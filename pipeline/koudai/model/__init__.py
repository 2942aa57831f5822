"""Models: the one linear form, how it is fitted, run, calibrated, saved and described."""
