"""Runaways that were planted in simulated use, and alerts of use in which there is none."""
