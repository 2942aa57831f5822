"""Configs: the sections of a training, an audit, a corpus and a layout, and how they are found and read."""
