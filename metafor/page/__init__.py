"""What runs in the page around the app: the start (JavaScript and Python) and the template loader.

``boot.js`` is the only thing that a page names; it brings in the rest.
"""
