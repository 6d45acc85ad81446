"""What came of it: answer, findings and tables."""
