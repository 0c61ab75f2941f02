/* What the browser-alone edition says of itself, in a line above the notebook: what is being loaded, where a reader's
   changes are kept, and that a notebook has changed since the reader's copy was made. JupyterLite starts by itself;
   this script only watches it. */

const root = new URL(".", import.meta.url);
const asked = new URLSearchParams(location.search).get("path") ?? "";
const here = await (await fetch(new URL("here.json", root), { cache: "no-cache" })).json();
const words = here.words[asked.split("/")[1]] ?? here.words.en;

const line = document.createElement("div");
line.id = "rnnlib-here";
line.innerHTML = '<progress max="1" value="0" aria-hidden="true"></progress><span role="status"></span>';
const [progress, status] = line.children;
document.body.prepend(line);

/* JupyterLite has what room the line leaves, which on a phone takes several. */
const leaveRoom = () => {
  document.body.style.setProperty("--rnnlib-here", `${line.offsetHeight}px`);
  dispatchEvent(new Event("resize"));
};
new ResizeObserver(leaveRoom).observe(line);

const say = (said, ...actions) => {
  status.textContent = said;
  line.querySelectorAll("button, a").forEach((each) => each.remove());
  line.append(...actions);
};
const button = (name, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = name;
  made.addEventListener("click", act);
  return made;
};

/* Loading: counted.mjs tells of every byte as it comes, be it from the network or from the browser's own storage. */
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < here.bytes ? 1 : 0);
let [done, ready] = [0, false];
const load = () => {
  const [before, share] = [progress.value, done / here.bytes];
  progress.value = share;
  if (share && Math.floor(before * 10) === Math.floor(share * 10)) {
    return; /* who hears the line hears ten numbers, not hundreds */
  }
  say(words.loading.replace("{done}", megabytes(done)).replace("{all}", megabytes(here.bytes)));
};
load();
new BroadcastChannel("rnnlib-here").addEventListener("message", ({ data: { bytes, failed } }) => {
  done += bytes ?? 0;
  if (failed) {
    say(words.failed.replace("{error}", failed));
  } else if (done < here.bytes) {
    load();
  } else if (!ready) {
    say(words.starting);
  }
});

/* Afterwards: what is true of the notebook that is seen. */
const current = () => window.jupyterapp?.shell.currentWidget;
const told = () => {
  const { context, sessionContext } = current();
  const known = here.notebooks[context.path];
  const { commands, serviceManager } = window.jupyterapp;
  const download = button(words.download, () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(context.model.toJSON(), null, 1)]));
    link.download = context.path.split("/").at(-1);
    link.click();
  });
  const reset = async () => {
    if (confirm(words.sure)) {
      await serviceManager.contents.delete(context.path);
      await context.revert();
      await sessionContext.session?.kernel?.restart();
      watch();
    }
  };
  if (!known) {
    return say(words.ready);
  }
  if (context.model.getMetadata("rnnlib")?.version !== known.version) {
    line.classList.add("newer");
    return say(words.newer, download, button(words.take, reset));
  }
  line.classList.remove("newer");
  const page = document.createElement("a");
  page.href = new URL(known.page, root);
  page.textContent = words.page;
  const restart = button(words.restart, () => commands.execute("kernelmenu:restart"));
  say(words.ready, download, button(words.reset, reset), restart, page);
};
const watch = () => {
  const widget = current();
  if (!ready) {
    ready = widget?.sessionContext?.session?.kernel?.status === "idle";
    progress.hidden = ready;
    if (ready && innerWidth < 800) {
      window.jupyterapp.shell.collapseLeft();
    }
  }
  if (ready && widget?.context?.isReady) {
    told();
  }
  return ready;
};
const looking = setInterval(() => {
  if (watch()) {
    clearInterval(looking);
    window.jupyterapp.shell.currentChanged.connect(() => current()?.context?.ready.then(watch));
  }
}, 200);
