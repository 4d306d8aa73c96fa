"""What texts of attribution_rules.csv say: conditions, targets, places of metadata."""
