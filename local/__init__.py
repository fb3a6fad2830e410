"""Tools for one machine: nothing in here is ever deployed."""
