"""What must hold of channels on every platform: the same code runs on CPython and in a page.

Nothing here knows pytest. ``server.py`` is what the scenarios talk to; it stays outside the page.
"""
