/* What labs and quizzes do in the page. ipywidgets runs no script of ours, but it leaves the handlers of an element
   alone: page.py puts each of these functions, by itself, into the handler of one element, which it gets first. */

/* A live region is read out when its words change, so it must outlive them. ipywidgets can set no role. */
export function announce(image) {
  image.parentNode.setAttribute("role", "status");
}

/* The figure has its name from the sentence; the picture of what stays is a part of it. */
export function hideStill(image) {
  image.closest(".rnnlib-figure").querySelector(".widget-image").alt = "";
}

/* Play's buttons carry signs without words, which a screen reader cannot read. */
export function nameButtons(image, ...words) {
  const buttons = image.closest(".rnnlib-lab").querySelectorAll(".widget-play button");
  buttons.forEach((button, i) => {
    button.setAttribute("aria-label", words[i] || "");
  });
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
