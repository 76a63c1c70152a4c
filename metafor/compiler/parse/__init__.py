"""First phase: the text of a template to a tree. Recovers from every mistake and reports all of them."""
