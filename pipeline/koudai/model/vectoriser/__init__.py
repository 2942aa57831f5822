"""The TF-IDF vectoriser for scikit-learn."""
