"""Configs: every section of every config, one file each, and how they are read."""
