"""Bundles: a model as a folder of plain arrays and JSON, its card, and how it is read back."""
