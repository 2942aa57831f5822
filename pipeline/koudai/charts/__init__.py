"""Charts: the one way in which koudai draws, for its pages and for MLflow alike."""
