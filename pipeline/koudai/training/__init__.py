"""Training: corpora into a fitted, calibrated, evaluated model, and a record of how it came about."""
