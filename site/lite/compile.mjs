/* node compile.mjs PYODIDE FOLDER: runs compile.py, with this Pyodide, on the packages in this folder. */

import { readFileSync } from "node:fs";

const [pyodide, folder] = process.argv.slice(2);
const { loadPyodide } = await import(pyodide);
const python = await loadPyodide();
python.FS.mkdir("/pyodide");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/pyodide");
python.runPython(readFileSync(new URL("compile.py", import.meta.url), "utf8"));
