"""The stages of a job: what each asks for, given what the one before has measured."""
