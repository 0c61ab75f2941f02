/* Stands before Pyodide, in the kernel's worker: what Pyodide fetches is counted as it comes, and told to the page. */

const told = new BroadcastChannel("rnnlib-here");
const fetched = self.fetch;

self.fetch = async (...asked) => {
  const response = await fetched(...asked);
  if (!response.ok) {
    told.postMessage({ failed: `${response.url}: ${response.status}` });
  }
  if (!response.body) {
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

export * from "./pyodide.core.mjs";
