"""From an app's directory to a static site: collect its modules, compile its templates, lay it out."""
