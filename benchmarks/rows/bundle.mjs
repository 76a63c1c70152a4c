// node bundle.mjs SOURCE TARGET: one minified module for production, Solid's JSX through Babel.
import { transformAsync } from "@babel/core";
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import solid from "babel-preset-solid";

const [source, target] = process.argv.slice(2);

const solidJsx = {
  name: "solid",
  setup(builder) {
    builder.onLoad({ filter: /apps\/solid\/.*\.jsx$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const options = { presets: [solid], filename: path, babelrc: false, configFile: false };
      return { contents: (await transformAsync(text, options)).code, loader: "js" };
    });
  },
};

await build({
  entryPoints: [source],
  outfile: target,
  bundle: true,
  nodePaths: [new URL("node_modules", import.meta.url).pathname],
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [solidJsx],
  logLevel: "warning",
});
