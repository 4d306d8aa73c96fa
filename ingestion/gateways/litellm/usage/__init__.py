"""The usage of a LiteLLM record: its object, its counts, inner calls, and what is no token."""
