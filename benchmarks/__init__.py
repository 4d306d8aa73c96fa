"""How fast Tollbook works, each beside a limit that was measured in the same run."""
