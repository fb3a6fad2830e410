"""The recipes of docs/consumers.md on this machine: the real clients, with Microsoft at its real names."""
