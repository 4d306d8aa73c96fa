"""What tollbook.yaml says beside its sources: a module for each of its keys or sections."""
