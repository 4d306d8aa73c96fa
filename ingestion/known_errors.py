"""Errors that are told, not traced."""


class KnownError(Exception):
    """Its message is one sentence a line: what is wrong, where, and what to do about it."""
