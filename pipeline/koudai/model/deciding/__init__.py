"""Deciding: from scores to probabilities, thresholds and prediction sets."""
