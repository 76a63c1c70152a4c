"""Where the Pyodide runtime comes from: an npm install, the user's cache, or (when asked) its CDN."""
