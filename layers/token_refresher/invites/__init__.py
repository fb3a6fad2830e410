"""Connect links: their content, their signature and their expiry.

Imports `base`. Knows no browser and no page.
"""
