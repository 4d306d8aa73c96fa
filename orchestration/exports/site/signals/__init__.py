"""What the page of signals and a team's page say of the bill to come."""
