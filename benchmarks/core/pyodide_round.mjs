// Runs the cases in Pyodide, in Node. Arguments: the project's folder, that of the Pyodide package, that of the
// installed Python packages, and the number of rounds. Prints times and bytes per node as JSON.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [root, runtime, packages, rounds] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: runtime });
for (const [folder, at] of [[root, "/project"], [packages, "/packages"]]) {
  pyodide.FS.mkdirTree(at);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: folder }, at);
}
pyodide.globals.set("rounds", Number(rounds));
console.log(
  await pyodide.runPythonAsync(`
import json, sys
sys.path[:0] = ["/project", "/packages"]
sys.dont_write_bytecode = True
from benchmarks.core import libraries, measure
both = [libraries.metafor(), libraries.reaktiv()]
json.dumps([measure.best_times(both, rounds), measure.sizes(both)])
`),
);
