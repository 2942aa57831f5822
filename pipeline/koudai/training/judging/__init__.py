"""Judging a model on labelled posts: figures with the weight of each post, their variances and intervals."""
