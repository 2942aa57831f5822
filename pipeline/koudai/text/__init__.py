"""Text: hazards noticed on raw posts, normalisation, and segmentation into words."""
