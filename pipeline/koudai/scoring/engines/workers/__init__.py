"""Workers that an engine has not in this process: what is common to them, their deaths, and what they require."""
