"""Fitted pipelines of scikit-learn, brought in as models and given back."""
