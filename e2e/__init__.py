"""The whole road, in real browsers: real Pyodide, the real command, real sockets.

``pytest e2e`` runs everything in Chromium and in Firefox, ``pytest e2e --engine firefox`` in one of them.
"""
