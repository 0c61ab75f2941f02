/* What labs and quizzes do in the page. ipywidgets runs no script of ours, but it leaves the handlers of an element
   alone: page.py puts each of these functions, by itself, into the handler of one element, which it gets first. */

/* ipywidgets can set neither roles nor names, and its sliders know no keys but arrows: all that is put right here,
   again whenever something in the lab or quiz has changed. */
export function attend(image, closed, ...playButtons) {
  const box = image.closest(".rnnlib-lab, .rnnlib-quiz");
  const name = (element, words) => element?.setAttribute("aria-label", words);
  const setRight = () => {
    /* A live region is read out when its words change, so it is what stays around them. */
    for (const region of box.querySelectorAll(":is(.rnnlib-sentence, .rnnlib-verdict) .widget-html-content")) {
      region.setAttribute("role", "status");
    }
    /* The figure has its name from the sentence; the picture of what stays is a part of it. */
    box.querySelectorAll(".rnnlib-figure > .widget-image").forEach((still) => still.setAttribute("alt", ""));
    box.querySelectorAll(".widget-play button").forEach((button, i) => name(button, playButtons[i] || ""));
    for (const slider of box.querySelectorAll(".widget-slider")) {
      const [label, handle, field] = [".widget-label", "[role=slider]", ".widget-readout"].map((part) =>
        slider.querySelector(part),
      );
      name(handle, label?.textContent);
      name(field, label?.textContent);
      field?.setAttribute("role", "textbox");
      /* The handle itself knows the place on its track, which of a logarithmic slider is an exponent. */
      handle?.setAttribute("aria-valuetext", field?.textContent);
      handle?.setAttribute("data-lm-suppress-shortcuts", "true"); /* Notebook 7 takes the arrows otherwise */
      const track = slider.querySelector(".noUi-target")?.noUiSlider;
      track?.off("change.rnnlib");
      track?.on("change.rnnlib", () => ask(track));
    }
  };
  /* A move that finds no answer leaves its slider stuck: ipywidgets waits for one, though the connection was cut. */
  const asked = new Map();
  let patience;
  const ask = (slider) => {
    if (asked.get(slider) !== slider.get()) {
      asked.set(slider, slider.get());
      clearTimeout(patience);
      patience = setTimeout(() => box.classList.add("rnnlib-silent"), 5000);
    }
  };
  const answers = ".rnnlib-figure, .rnnlib-sentence, .rnnlib-code";
  const onChange = (changes) => {
    if (changes.some(({ target }) => (target.parentElement || target).closest(answers))) {
      clearTimeout(patience);
      box.classList.remove("rnnlib-silent");
    }
    setRight();
  };
  new MutationObserver(onChange).observe(box, { subtree: true, childList: true, characterData: true });
  setRight();
  /* It is closed when its cell runs again, be it in another tab: then it would leave an empty place here. */
  requestAnimationFrame(() => {
    const place = box.parentElement;
    const onChildren = (_, observer) => {
      if (place.isConnected && !place.contains(box)) {
        observer.disconnect();
        place.after(closed); /* JupyterLab hides the place itself */
      }
    };
    new MutationObserver(onChildren).observe(place, { childList: true });
  });
  const stops = { PageUp: 10, PageDown: -10 };
  const onKey = (event) => {
    const slider = event.target.closest(".noUi-target")?.noUiSlider;
    if (slider && event.key in stops) {
      slider.set(Number(slider.get()) + stops[event.key] * slider.options.step);
      ask(slider);
      event.preventDefault();
      event.stopPropagation();
    }
  };
  /* In half of the world one and a half is typed 1,5. */
  const onTyped = ({ target, type, key }) => {
    if (target.matches?.(".widget-readout") && (type === "blur" || key === "Enter")) {
      target.textContent = target.textContent.replace(",", ".");
    }
  };
  box.addEventListener("keydown", onKey, true);
  box.addEventListener("keydown", onTyped, true);
  box.addEventListener("blur", onTyped, true);
  const drag = (event) => {
    if (event.target.matches(".rnnlib-drag") && event.buttons === 1) {
      const slider = box.querySelector(".rnnlib-main .noUi-target")?.noUiSlider;
      const { left, width } = event.target.getBoundingClientRect();
      const { min, max } = slider.options.range;
      slider.set(min + ((max - min) * (event.clientX - left)) / width);
      event.target.setPointerCapture(event.pointerId);
    }
  };
  box.addEventListener("pointerdown", drag);
  box.addEventListener("pointermove", drag);
}

/* A page may forbid handlers: until this one has run, its button says so and cannot be pressed. */
export function offer(image, words) {
  const button = image.previousSibling;
  button.disabled = false;
  button.textContent = words;
}

/* The browser saves the picture that it shows, put together: nothing is written beside the notebook. */
export function save(button, file) {
  const figure = button.closest(".rnnlib-lab").querySelector(".rnnlib-figure");
  const still = figure.querySelector(".widget-image");
  const layers = [...figure.querySelectorAll(".rnnlib-moving")];
  const upper = layers.sort((one, other) => one.style.zIndex - other.style.zIndex).at(-1);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const at = (place, size) => Math.round((Number.parseFloat(place) / 100) * size);
  canvas.width = still.naturalWidth;
  canvas.height = still.naturalHeight;
  pen.drawImage(still, 0, 0);
  for (const piece of upper.children) {
    pen.drawImage(piece, at(piece.style.left, canvas.width), at(piece.style.top, canvas.height));
  }
  const link = document.createElement("a");
  link.href = canvas.toDataURL();
  link.download = file;
  link.click();
}
