"""Stores: dicts, lists and dataclasses that are tracked part by part."""
