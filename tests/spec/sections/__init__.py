"""The specification of channels, section by section: the same code runs on CPython and in a page.

`document` reads the text, `world` is what a scenario finds around it, and the others hold the scenarios.
Nothing here knows pytest; ``tests/spec/test_sections.py`` runs the scenarios on CPython, and
``e2e/test_spec.py`` in browsers.
"""
