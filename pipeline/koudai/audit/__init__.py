"""The audit: measures of how vague a category is when it meets real posts, side by side, never summed into one
score.
"""
