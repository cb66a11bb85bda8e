"""Texts turned into vectors, by a server or by a model in our own process."""
