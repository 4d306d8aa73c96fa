"""Cuts an object into its records, whatever wrote and compressed it."""
