"""Judging the audited model: labelled posts and samples that it is measured on, and figures under their design."""
