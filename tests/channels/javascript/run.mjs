// Runs scenario.py in Pyodide under Node, with the page's half of the transport over the library `ws`.
// Usage: node run.mjs ROOT BROWSER_JS SITE_PACKAGES (BROWSER_JS: a copy of transports/browser.js, as .mjs)

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import process from "node:process";

const [root, half, sitePackages] = process.argv.slice(2);
const require = createRequire(`${root}/package.json`);
const WS = require("ws");
const { loadPyodide } = await import(pathToFileURL(`${root}/node_modules/pyodide/pyodide.mjs`));

globalThis.WebSocket = WS.WebSocket;
const page = new EventTarget(); // Node has no events of a page; its global object is none
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
  globalThis[name] = page[name].bind(page);
}
const { open, watch } = await import(pathToFileURL(half));

// Counts what crosses into Python, and what is never given back.
globalThis.counts = { calls: 0, proxies: 0 };
globalThis.metafor = {
  sockets: {
    watch,
    open(url, protocols, tell) {
      const counted = (...args) => {
        counts.calls += 1;
        return tell(...args);
      };
      counted.destroy = () => {
        counts.proxies -= 1;
        tell.destroy();
      };
      const socket = open(url, protocols, counted); // when it throws, the caller gives `tell` back
      counts.proxies += 1;
      return socket;
    },
  },
};

const server = new WS.Server({ port: 0, host: "127.0.0.1" });
server.on("connection", (socket) => {
  socket.on("message", (data, binary) => {
    const text = binary ? "" : data.toString();
    if (text.startsWith("burst ")) {
      for (let i = 0; i < Number(text.slice(6)); i += 1) socket.send(String(i));
    } else if (text === "cut") {
      socket.terminate();
    } else if (text.startsWith("close ")) {
      socket.send("last words");
      socket.close(Number(text.slice(6)), "as asked");
    } else {
      socket.send(data, { binary });
    }
  });
});
await new Promise((resolve) => server.on("listening", resolve));
globalThis.port = server.address().port;

try {
  const pyodide = await loadPyodide();
  pyodide.FS.mkdirTree("/project/metafor");
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: `${root}/metafor` }, "/project/metafor");
  for (const name of ["reactivex"]) {
    pyodide.FS.mkdirTree(`/project/${name}`);
    pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: `${sitePackages}/${name}` }, `/project/${name}`);
  }
  pyodide.FS.writeFile("/project/typing_extensions.py", readFileSync(`${sitePackages}/typing_extensions.py`));
  const scenario = new URL("scenario.py", import.meta.url);
  await pyodide.runPythonAsync("import sys; sys.path.insert(0, '/project'); sys.dont_write_bytecode = True");
  await pyodide.runPythonAsync(readFileSync(scenario, "utf-8"));
  process.exit(0);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
