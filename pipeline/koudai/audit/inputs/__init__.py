"""Inputs of an audit: scores, labels and whatever else is known of the posts, joined by id."""
