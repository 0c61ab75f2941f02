/* Stands before Pyodide, in the kernel's worker: what Pyodide fetches is counted as it comes, and told to the page. */

import { loadPyodide as load } from "./pyodide.core.mjs";

const told = new BroadcastChannel("rnnlib-here");
const fetched = self.fetch;

self.fetch = async (...asked) => {
  const response = await fetched(...asked);
  if (!response.ok) {
    told.postMessage({ failed: `${response.url}: ${response.status}` });
  }
  if (!response.body || response.url.endsWith(".wasm")) {
    return response;
  }
  const counting = new TransformStream({
    transform(chunk, controller) {
      told.postMessage({ bytes: chunk.length });
      controller.enqueue(chunk);
    },
  });
  const { headers, status, statusText } = response;
  return new Response(response.body.pipeThrough(counting), { headers, status, statusText });
};

/* The browser keeps what it has compiled, and knows it again only in the response as it came. */
new PerformanceObserver((list) => {
  for (const { name, decodedBodySize } of list.getEntries()) {
    if (name.endsWith(".wasm")) {
      told.postMessage({ bytes: decodedBodySize });
    }
  }
}).observe({ type: "resource" });

/* The kernel installs jedi for itself where it is not asked for, and would complete with it alone: here it is asked for,
   stays away, and IPython completes from what is there. */
export const loadPyodide = async ({ packages, ...options }) => {
  const python = await load({ ...options, packages: packages.filter((name) => name !== "jedi") });
  python.runPython("import pyodide_kernel; pyodide_kernel.kernel_instance.interpreter.Completer.use_jedi = False");
  return python;
};
