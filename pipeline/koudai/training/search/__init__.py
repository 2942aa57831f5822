"""Hyperparameter search: trials of a config with other settings, evaluated out of fold on the posts to fit on only."""
