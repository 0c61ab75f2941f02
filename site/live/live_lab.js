/* Labs that move on a page before any Python has come. What they show was computed when the site was built, by the
   labs themselves (frames.py); here it is chosen and drawn. The page holds all controls and words (markup.py). */

const DOTS = 2; /* a CSS pixel, as in the lab */
const PARTS = 32; /* as in frames.py: of a dot, and where numbers begin */
const BEFORE = 256;
const SAID = 3; /* sentence, remark and ruler stand before the pictures of a state */

/* The numbers of every curve, each in dots from its panel's upper left corner. */
export function columns(buffer, lengths) {
  const bytes = new Uint8Array(buffer);
  const upper = bytes.length / 2;
  let next = 0;
  return lengths.map((length) => {
    const column = new Float32Array(length);
    for (let i = 0, number = 0; i < length; i++, next++) {
      number = (number + bytes[next] + (bytes[upper + next] << 8)) & 0xffff;
      column[i] = number / PARTS - BEFORE;
    }
    return column;
  });
}

async function got(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    throw new Error(`${address}: ${answer.status}`);
  }
  return answer;
}

/* A line through the points, or the shape at each of them. */
function outline(xs, ys, shape) {
  const path = new Path2D();
  xs.forEach((x, i) => (shape ? path.addPath(shape, new DOMMatrix([1, 0, 0, 1, x, ys[i]])) : path.lineTo(x, ys[i])));
  return path;
}

function stroke(pen, [fill, line, width, dashes, cap, join, clip], path) {
  pen.save();
  if (clip.length) {
    pen.beginPath();
    pen.rect(...clip);
    pen.clip();
  }
  if (fill) {
    pen.fillStyle = fill;
    pen.fill(path);
  }
  if (line) {
    Object.assign(pen, { strokeStyle: line, lineWidth: width, lineCap: cap, lineJoin: join });
    pen.setLineDash(dashes);
    pen.stroke(path);
  }
  pen.restore();
}

/* A canvas over the panel's picture, and how one of the lab's pictures is drawn on it. */
function easel(panel, data, sheet) {
  const still = panel.querySelector("img");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = ["width", "height"].map((side) => DOTS * Number(still.getAttribute(side)));
  const pen = canvas.getContext("2d");
  let drawn;
  return (number) => {
    if (number === drawn) {
      return;
    }
    const [frame, ...strokes] = data.pictures[number];
    const place = [0, 0, canvas.width, canvas.height];
    pen.drawImage(sheet, 0, data.tops[frame], canvas.width, canvas.height, ...place);
    for (const each of strokes) {
      const [look, xs, ys, shape] = data.strokes[each];
      stroke(pen, data.looks[look], outline(data.columns[xs], data.columns[ys], data.shapes[shape]));
    }
    still.after(canvas);
    drawn = number;
  };
}

async function open(place) {
  const { liveLab, static: folder } = place.dataset;
  const stem = `${folder}${liveLab}-${place.lang}`;
  const [data, known, buffer, sheet] = await Promise.all([
    got(`${folder}${liveLab}.json`).then((answer) => answer.json()),
    got(`${stem}.json`).then((answer) => answer.json()),
    got(`${folder}${liveLab}.bin`).then((answer) => answer.arrayBuffer()),
    got(`${stem}.png`).then(async (answer) => createImageBitmap(await answer.blob())),
  ]);
  data.columns = columns(buffer, data.lengths);
  data.shapes = data.shapes.map((shape) => shape && new Path2D(shape));
  const panels = [...place.querySelectorAll(".live-panel")].map((panel) => easel(panel, data, sheet));
  const said = [...place.querySelectorAll("[data-says]")];
  const control = (name) => place.querySelector(`[data-setting=${name}]`);
  const where = (name) => control(name).selectedIndex ?? Number(control(name).value);

  const show = () => {
    let number = 0;
    for (const [name, values] of Object.entries(known.values)) {
      number = number * values.length + where(name);
      const written = place.querySelector(`[data-value=${name}]`);
      if (written) {
        written.value = values[where(name)][1];
        control(name).setAttribute("aria-valuetext", written.value);
      }
    }
    const state = known.states[number];
    for (const each of said) {
      const words = known.said[state[each.dataset.says]];
      if (each.innerHTML !== words) {
        each.innerHTML = words; /* what is said again would be read out again */
      }
    }
    panels.forEach((draw, i) => draw(state[SAID + i]));
  };
  const put = (places) => {
    for (const [name, at] of Object.entries(places)) {
      const property = "selectedIndex" in control(name) ? "selectedIndex" : "value";
      control(name)[property] = at;
    }
    show();
  };

  /* The nearest value; in half of the world one and a half is typed 1,5. */
  const type = (name, typed) => {
    const number = Number.parseFloat(typed.replace(",", "."));
    const far = known.values[name].map(([value]) => Math.abs(value - number));
    put(Number.isNaN(number) ? {} : { [name]: far.indexOf(Math.min(...far)) });
  };
  const steps = { PageUp: 10, PageDown: -10 }; /* as in the notebook */
  const drag = ({ target, buttons, clientX, pointerId }) => {
    if (target.matches(".live-drag") && buttons === 1) {
      const { left, width } = target.getBoundingClientRect();
      const { dataset, max } = place.querySelector("[type=range]");
      put({ [dataset.setting]: Math.round((max * (clientX - left)) / width) });
      target.setPointerCapture(pointerId);
    }
  };
  place.addEventListener("input", ({ target }) => target.dataset.setting && show());
  place.addEventListener("change", ({ target }) => target.dataset.value && type(target.dataset.value, target.value));
  place.addEventListener("click", ({ target }) => target.dataset.put && put(JSON.parse(target.dataset.put)));
  place.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (target.type === "range" && key in steps) {
      put({ [target.dataset.setting]: Number(target.value) + steps[key] });
      event.preventDefault();
    }
  });
  place.addEventListener("pointerdown", drag);
  place.addEventListener("pointermove", drag);
  show();
  place.querySelectorAll(":disabled").forEach((each) => (each.disabled = false));
}

if (document.readyState !== "complete") {
  await new Promise((loaded) => addEventListener("load", loaded, { once: true }));
}
await Promise.all([...document.querySelectorAll("[data-live-lab]")].map(open));
