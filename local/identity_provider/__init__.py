"""A local stand-in for the Microsoft identity platform and a little of the Microsoft Advertising API.

A development tool: it signs in whoever clicks, and it can be told to misbehave. It listens on loopback only
and is never deployed.
"""
