"""The search for settings: trials of a config with other settings, judged out of fold on the posts to fit on alone."""
