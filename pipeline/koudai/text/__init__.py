"""Text: hazards of raw posts, normalisation, and segmentation into words."""
