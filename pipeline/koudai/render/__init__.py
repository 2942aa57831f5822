"""The page and the tables: views of an audit report. Nothing is measured here."""
