// Plain Pyodide with wybthon and the app in its file system.
const { loadPyodide } = await import("./pyodide/pyodide.mjs");
const archive = await (await fetch("app.zip")).arrayBuffer();
const pyodide = await loadPyodide({ indexURL: new URL("pyodide/", location.href).href });
pyodide.unpackArchive(archive, "zip", { extractDir: "/home/pyodide" });
await pyodide.runPythonAsync("import main");
