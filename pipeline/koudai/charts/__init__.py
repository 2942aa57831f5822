"""Charts: Vega-Lite for the pages of reports and for MLflow."""
