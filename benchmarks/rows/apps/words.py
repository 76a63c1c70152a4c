"""The labels of the rows, the same words for all."""

from random import random

# fmt: off
ADJECTIVES = [
    "pretty", "large", "big", "small", "tall", "short", "long", "handsome", "plain", "quaint", "clean",
    "elegant", "easy", "angry", "crazy", "helpful", "mushy", "odd", "unsightly", "adorable", "important",
    "inexpensive", "cheap", "expensive", "fancy",
]
COLOURS = ["red", "yellow", "blue", "green", "pink", "brown", "purple", "brown", "white", "black", "orange"]
NOUNS = [
    "table", "chair", "house", "bbq", "desk", "car", "pony", "cookie", "sandwich", "burger", "pizza", "mouse",
    "keyboard",
]
# fmt: on


def label():
    adjective = ADJECTIVES[int(random() * 25)]
    return adjective + " " + COLOURS[int(random() * 11)] + " " + NOUNS[int(random() * 13)]
