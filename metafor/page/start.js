// Brings Python up: fetch everything at once, start the interpreter, unpack the app, run main.py.
import { showOverlay } from "./overlay.js";
import { createProgress } from "./progress.js";

const root = document.documentElement;

// `boot` is the address of boot.js: everything else is found from there, so that the site works
// under any path.
export async function start(boot) {
  const progress = createProgress();
  try {
    const manifest = await load(new URL("manifest.json", boot), "json", { cache: "no-cache" });
    if (manifest.changes) {
      const { watchChanges } = await import("./changes.js"); // not part of a built site
      watchChanges(new URL(manifest.changes, boot), manifest.id);
    }
    if (manifest.problems) {
      fail({ title: "The app has mistakes", text: manifest.problems });
      return;
    }
    const failure = await run(manifest, boot, progress);
    if (failure) fail({ title: "The app failed to start", ...failure });
  } catch (error) {
    fail({ title: "Python could not be started", text: `${error.name}: ${error.message}`, hint: hintFor(error) });
  } finally {
    progress.remove();
  }
}

// Gives what main.py died of, or undefined.
async function run(manifest, boot, progress) {
  const folder = new URL(manifest.python.folder, boot).href;
  for (const file of manifest.python.fetched) preload(folder + file);
  progress.expect(3 + manifest.archives.length);

  const [{ loadPyodide }, { default: createPyodideModule }, parts, ...archives] = await Promise.all(
    [
      import(folder + manifest.python.loader),
      import(folder + manifest.python.module),
      loadParts(manifest.parts, boot),
      ...manifest.archives.map((archive) => load(new URL(archive.file, boot), "arrayBuffer")),
    ].map((part) => progress.follow(part)),
  );
  globalThis.metafor = parts;

  progress.say("Starting Python…");
  const pyodide = await loadPyodide({
    indexURL: folder,
    createPyodideModule,
    lockFileContents: manifest.python.lock,
    stdout: (line) => console.log(line),
    stderr: (line) => console.error(line),
  });
  progress.say("Starting the app…");
  archives.forEach((archive, index) => {
    pyodide.unpackArchive(archive, "zip", { extractDir: manifest.folders[manifest.archives[index].folder] });
  });
  const globals = pyodide.toPy({ ...manifest.folders, blocking: "Suspending" in WebAssembly });
  whenShown(() => {
    progress.remove();
    if (root.dataset.metafor === "ready") warmUpAgain(pyodide, globals);
  });
  const failure = await pyodide.runPythonAsync(
    "import sys; sys.path.append(packages)\n" +
      "from metafor.page.warm_up import warm_up; warm_up()\n" +
      "from metafor.page.start import run\n" +
      "await run(app, blocking=blocking)",
    { globals },
  );
  return failure && { text: failure.shown, whole: failure.whole };
}

// Calls when the app is on the page, or an error.
function whenShown(call) {
  const observer = new MutationObserver(() => {
    if (root.dataset.metafor === "loading") return;
    observer.disconnect();
    call();
  });
  observer.observe(root, { attributeFilter: ["data-metafor"] });
}

// When there is time, and once more: what is being compiled meanwhile knows nothing of the times before.
function warmUpAgain(pyodide, globals) {
  const warmUp = () => {
    try {
      pyodide.runPython("warm_up()", { globals });
    } catch {
      // Python has come to an end meanwhile, and whoever ended it has said so.
    }
  };
  for (const milliseconds of [0, 500]) {
    setTimeout(() => (globalThis.requestIdleCallback ?? setTimeout)(warmUp), milliseconds);
  }
}

// The JavaScript halves that Python finds as `js.metafor.dom` and `js.metafor.sockets`.
async function loadParts(files, boot) {
  const parts = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, await import(new URL(file, boot))]),
  );
  return Object.fromEntries(parts);
}

async function load(url, kind, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url.pathname}: the server answered ${response.status}`);
  return await response[kind]();
}

// Pyodide asks for these late; asked for now they arrive beside the rest.
function preload(url) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: url });
  document.head.append(link);
}

function fail(problem) {
  root.dataset.metafor = "error";
  console.error(`${problem.title}\n\n${problem.whole ?? problem.text}`);
  showOverlay(problem);
}

function hintFor(error) {
  if (!globalThis.WebAssembly) return "This browser has no WebAssembly, or it is switched off.";
  if (error instanceof WebAssembly.CompileError || error instanceof EvalError) {
    return "A Content-Security-Policy has to allow script-src 'self' 'wasm-unsafe-eval'.";
  }
  return "Reload the page. If that does not help, look at the browser's network log.";
}
