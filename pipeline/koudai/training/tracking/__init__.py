"""Tracking: what a run leaves behind in MLflow. Nothing outside this folder imports mlflow."""
