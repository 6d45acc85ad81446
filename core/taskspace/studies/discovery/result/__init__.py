"""What the study answers: records, tables, findings."""
