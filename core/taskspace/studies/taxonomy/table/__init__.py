"""Tables of transfers that somebody else measured."""
