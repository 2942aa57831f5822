"""Reading: files of every kind into posts, and each row that is no post into quarantine."""
