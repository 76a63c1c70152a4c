"""The control-flow components, one file each. Templates know them by name; no import is needed."""
