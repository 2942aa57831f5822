"""Fitting: linear classifiers, and vectors of terms."""
