"""A local stand-in for the Microsoft identity platform and a few operations of the Microsoft Advertising API.

A development tool: it signs in anyone who clicks a button, and it fails on demand. It listens on loopback only
and is never deployed.
"""
