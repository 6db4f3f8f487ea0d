/**
 * What the first page costs: the JavaScript that index.html loads, with all that it imports, and the same of
 * the overview, which comes next. Ends with an error where that is more than the limit. Run it after a build.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 400;
const ASSETS = "dist/assets";

/** The files that `file` imports as it is loaded, itself included. */
function graph(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(join(ASSETS, file), "utf8");
  for (const [, name] of source.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) graph(name, found);
  return found;
}

const html = readFileSync("dist/index.html", "utf8");
const entries = [...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map(([, name]) => name);
const pages = readdirSync(ASSETS).filter((name) => /^overview-.*\.js$/.test(name));
if (entries.length === 0 || pages.length !== 1) throw new Error("dist is not what was expected; run npm run build");

const files = new Set([...entries, ...pages].flatMap((name) => [...graph(name)]));
const bytes = [...files].reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0);
const size = (bytes / 1000).toFixed(1);
if (bytes > LIMIT_KB * 1000)
  throw new Error(`the first page loads ${size} kB of JavaScript, gzipped; the limit is ${LIMIT_KB} kB`);
process.stdout.write(
  `the first page loads ${size} kB of JavaScript, gzipped, in ${files.size} files (limit ${LIMIT_KB} kB)\n`,
);
