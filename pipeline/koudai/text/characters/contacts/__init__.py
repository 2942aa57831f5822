"""Contacts in posts: the one table of their forms, and what is put in their place."""
