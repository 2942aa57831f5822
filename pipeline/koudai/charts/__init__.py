"""Charts: plots as SVG, for the pages of reports, and as images, for MLflow."""
