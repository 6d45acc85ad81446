"""What stands, lies and hangs in a room: a function an object, composed of a few primitives."""
