"""Tables of errors that somebody else measured."""
