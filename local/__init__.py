"""Tools that run on the developer's machine. Nothing here is ever deployed."""
