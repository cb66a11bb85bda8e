"""Passages scored against a question, by a server or by a model in our own process."""
