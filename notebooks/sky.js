// The panel of tour.ipynb. Edit it and save: the open panel reloads.

const STYLE = `
  :host { display: block; height: 100%; overflow: auto; }
  .sky { display: grid; grid-template-columns: minmax(0, 1fr) 168px; gap: 12px; padding: 12px;
    color: var(--jp-ui-font-color1); font: var(--jp-ui-font-size1) var(--jp-ui-font-family); }
  .bar { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
  .bar label { display: flex; gap: 8px; align-items: center; }
  .bar input { accent-color: var(--jp-brand-color1); width: 140px; }
  .bar button { border: 0; border-radius: 3px; padding: 5px 14px; cursor: pointer;
    color: var(--jp-ui-inverse-font-color1); background: var(--jp-brand-color1); font: inherit; }
  .bar button:disabled { opacity: 0.5; cursor: progress; }
  .count { font-size: var(--jp-ui-font-size2); font-weight: 600; margin-left: auto; }
  .field { position: relative; line-height: 0; cursor: crosshair; }
  .field canvas { width: 100%; border-radius: 4px; }
  .field canvas + canvas { position: absolute; inset: 0; pointer-events: none; }
  .side { display: flex; flex-direction: column; gap: 8px; }
  .side canvas { width: 168px; border-radius: 4px; background: var(--jp-layout-color2); }
  .side .zoom { image-rendering: pixelated; height: 168px; }
  .side small { color: var(--jp-ui-font-color2); }
`;

const MARKUP = `
  <div class="sky">
    <div class="bar">
      <label>threshold
        <input type="range" min="0.04" max="0.3" step="0.01" aria-label="threshold">
        <output></output>
      </label>
      <button type="button">Find galaxies</button>
      <span class="count" role="status"></span>
    </div>
    <div class="field"><canvas></canvas><canvas></canvas></div>
    <div class="side">
      <canvas class="zoom" width="48" height="48"></canvas>
      <canvas class="profile" width="168" height="96"></canvas>
      <small class="probe">Point at the sky.</small>
    </div>
  </div>
`;

/** Paint an array of shape (height, width, 3), dtype uint8, on a canvas. */
function paint(canvas, { data, shape: [height, width] }) {
  const image = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    image.data[to] = data[from];
    image.data[to + 1] = data[from + 1];
    image.data[to + 2] = data[from + 2];
    image.data[to + 3] = 255;
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Circle objects given as an array of shape (n, 3): x, y, radius. */
function circle(context, { data, shape: [count] }) {
  // The canvas is shown smaller than it is: lines keep their width on screen.
  context.lineWidth = (1.5 * context.canvas.width) / context.canvas.clientWidth;
  for (let at = 0; at < 3 * count; at += 3) {
    const radius = data[at + 2];
    context.strokeStyle = `hsl(${200 - 12 * radius} 100% 70%)`;
    context.beginPath();
    context.arc(data[at], data[at + 1], radius + 4, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** Draw brightness over radius. */
function plot(canvas, { data }) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.strokeStyle = "#2aa3ff";
  context.lineWidth = 2;
  context.beginPath();
  data.forEach((value, at) => {
    const x = (at / (data.length - 1)) * width;
    context.lineTo(x, height - 4 - value * (height - 8));
  });
  context.stroke();
}

export default {
  async render({ session, api, el, signal }) {
    const root = el.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${STYLE}</style>${MARKUP}`;
    const find = (selector) => root.querySelector(selector);
    const [picture, overlay] = root.querySelectorAll(".field canvas");
    const slider = find("input");
    const button = find("button");
    const marks = overlay.getContext("2d");
    let count = 0;

    const show = (text) => (find(".count").textContent = text);
    const add = (objects) => {
      circle(marks, objects);
      count += objects.shape[0];
      show(`${count} objects`);
    };
    const clear = () => {
      marks.clearRect(0, 0, overlay.width, overlay.height);
      count = 0;
      show("");
    };

    // Python publishes, we draw: all objects at once, or strip by strip. What
    // comes before the picture waits for it.
    let ready;
    const described = new Promise((resolve) => (ready = resolve));
    const draw = (what) => described.then(what);
    const replace = (objects) => draw(() => (clear(), add(objects)));
    session.subscribe("sky.objects", replace, { signal });
    session.subscribe(
      "sky.strip",
      ({ left, right, objects }) =>
        draw(() => {
          if (left === 0) clear();
          marks.clearRect(left, 0, overlay.width - left, overlay.height);
          add(objects);
          marks.fillStyle = "rgb(42 163 255 / 25%)";
          marks.fillRect(
            right,
            0,
            right < overlay.width ? 6 : 0,
            overlay.height,
          );
        }),
      { signal },
    );

    // First subscribe, then ask for what was before: nothing is missed.
    const { image, threshold, objects } = await api.sky.describe();
    paint(picture, image);
    overlay.width = picture.width;
    overlay.height = picture.height;
    slider.value = threshold;
    find("output").value = slider.value;
    if (objects.shape[0] > 0) add(objects);
    ready();

    // We call, Python answers: on its main thread, after the running cell.
    slider.addEventListener(
      "input",
      () => (find("output").value = slider.value),
      { signal },
    );
    button.addEventListener(
      "click",
      async () => {
        button.disabled = true;
        show("looking…");
        try {
          await api.sky.find(Number(slider.value));
        } catch (error) {
          show(error.message);
        } finally {
          button.disabled = false;
        }
      },
      { signal },
    );

    // This one runs in a thread: it answers while a cell runs. One call is on
    // its way at a time, for the newest position.
    let wanted = null;
    let asking = false;
    const probe = async (x, y) => {
      wanted = [x, y];
      if (asking) return;
      asking = true;
      try {
        while (wanted && !signal.aborted) {
          const [px, py] = wanted;
          wanted = null;
          const start = performance.now();
          const { pixels, profile, peak } = await api.sky.cutout(px, py);
          const ms = (performance.now() - start).toFixed(1);
          paint(find(".zoom"), pixels);
          plot(find(".profile"), profile);
          find(".probe").textContent =
            `(${px}, ${py}), peak ${peak.toFixed(2)}, in ${ms} ms`;
        }
      } catch (error) {
        find(".probe").textContent = error.message;
      } finally {
        asking = false;
      }
    };
    picture.addEventListener(
      "pointermove",
      (event) => {
        const scale = picture.width / picture.clientWidth;
        probe(
          Math.round(event.offsetX * scale),
          Math.round(event.offsetY * scale),
        );
      },
      { signal },
    );
  },
};
