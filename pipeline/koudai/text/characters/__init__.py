"""Characters: hazards, normalisation, lower case and script, one post at a time and many at once."""
