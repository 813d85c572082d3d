// The panel of dashboard.ipynb. Edit it and save: the open panel reloads.

const STYLE = `
  .reaction { box-sizing: border-box; height: 100%; overflow: auto; padding: 14px;
    display: grid; grid-template: auto minmax(160px, 1fr) 120px / 100%; gap: 12px;
    color: var(--jp-ui-font-color1); font: var(--jp-ui-font-size1) var(--jp-ui-font-family); }
  .bar { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
  .bar label { display: flex; gap: 8px; align-items: center; }
  .bar input { width: 120px; accent-color: var(--jp-brand-color1); }
  .bar output { font-variant-numeric: tabular-nums; min-width: 3em; }
  .bar button { border: 1px solid var(--jp-border-color1); border-radius: 3px; padding: 4px 10px;
    cursor: pointer; font: inherit; color: inherit; background: var(--jp-layout-color2); }
  .bar button:not(.run):hover { background: var(--jp-layout-color3); }
  .bar .run { min-width: 5em; border-color: transparent; background: var(--jp-brand-color1);
    color: var(--jp-ui-inverse-font-color1); }
  .reaction canvas { display: block; width: 100%; height: 100%; border-radius: 4px; }
  .field { cursor: crosshair; object-fit: contain; }
  .chart { position: relative; background: var(--jp-layout-color2); border-radius: 4px; }
  .chart canvas { position: absolute; inset: 0; }
  .chart p { position: absolute; margin: 8px 12px; display: flex; gap: 16px; }
  .chart .covered { color: var(--jp-brand-color1); font-weight: 600; }
  .chart .rate { color: var(--jp-ui-font-color2); font-variant-numeric: tabular-nums; }
`;

const MARKUP = `
  <div class="reaction">
    <div class="bar">
      <button type="button" class="run">Pause</button>
      <button type="button" class="restart">Restart</button>
      <label>feed <input type="range" name="feed" min="0.01" max="0.08" step="0.001"><output></output></label>
      <label>kill <input type="range" name="kill" min="0.045" max="0.07" step="0.001"><output></output></label>
      <span class="patterns"></span>
    </div>
    <canvas class="field" aria-label="concentration of v"></canvas>
    <div class="chart">
      <canvas></canvas>
      <p><span class="covered" role="status"></span><span class="rate"></span></p>
    </div>
  </div>
`;

/** feed and kill of patterns that are worth a look. */
const PATTERNS = {
  maze: [0.029, 0.057],
  coral: [0.055, 0.062],
  cells: [0.037, 0.065],
  worms: [0.058, 0.065],
  chaos: [0.026, 0.051],
};

/** Colours from nothing to a lot, as red, green and blue. */
const STOPS = [
  [8, 12, 34],
  [24, 60, 120],
  [30, 140, 160],
  [160, 214, 130],
  [255, 246, 200],
];

/** 256 colours between the stops, four bytes each. */
const PALETTE = new Uint8ClampedArray(1024);
for (let at = 0; at < 256; at++) {
  const place = (at / 255) * (STOPS.length - 1);
  const stop = Math.min(Math.floor(place), STOPS.length - 2);
  for (let part = 0; part < 3; part++) {
    const [from, to] = [STOPS[stop][part], STOPS[stop + 1][part]];
    PALETTE[4 * at + part] = from + (to - from) * (place - stop);
  }
  PALETTE[4 * at + 3] = 255;
}
const COLORS = new Uint32Array(PALETTE.buffer);

/** Paint an array of shape (height, width), dtype uint8, on a canvas of that size. */
function paint(canvas, { data, shape: [height, width] }) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < data.length; at++) pixels[at] = COLORS[data[at]];
  if (canvas.width !== width) [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Draw shares of 1 from left to right, the newest at the right edge. */
function plot(canvas, shares, count) {
  const ratio = window.devicePixelRatio;
  const [width, height] = [
    canvas.clientWidth * ratio,
    canvas.clientHeight * ratio,
  ];
  if (canvas.width !== width || canvas.height !== height)
    [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  const color = getComputedStyle(canvas).getPropertyValue("--jp-brand-color1");
  const most = Math.max(0.25, ...shares) * 1.5; // room for the words
  context.clearRect(0, 0, width, height);
  context.beginPath();
  shares.forEach((share, at) => {
    const x = (1 - (shares.length - 1 - at) / (count - 1)) * width;
    context.lineTo(x, height * (1 - share / most));
  });
  context.strokeStyle = color;
  context.lineWidth = 2 * ratio;
  context.stroke();
  context.lineTo(width, height);
  context.lineTo((1 - (shares.length - 1) / (count - 1)) * width, height);
  context.globalAlpha = 0.15;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

export default {
  render({ session, api, el, signal, view }) {
    el.innerHTML = `<style>${STYLE}</style>${MARKUP}`;
    const find = (selector) => el.querySelector(selector);
    const [field, chart] = [find(".field"), find(".chart canvas")];
    const shares = [];
    const count = 400;
    let running = true;

    const sliders = el.querySelectorAll("input");
    for (const slider of sliders) {
      slider.oninput = () =>
        api.reaction.set(
          ...(slider.name === "feed" ? [+slider.value] : [null, +slider.value]),
        );
    }
    for (const [name, [feed, kill]] of Object.entries(PATTERNS)) {
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        textContent: name,
      });
      button.onclick = () => api.reaction.set(feed, kill);
      find(".patterns").append(button, " ");
    }
    find(".run").onclick = () => api.reaction.set(null, null, !running);
    find(".restart").onclick = () => api.reaction.restart();
    field.onclick = ({ offsetX, offsetY }) => {
      // The picture is a square in the middle.
      const { clientWidth, clientHeight } = field;
      const side = Math.min(clientWidth, clientHeight);
      const x = (offsetX - (clientWidth - side) / 2) / side;
      const y = (offsetY - (clientHeight - side) / 2) / side;
      if (x >= 0 && x < 1 && y >= 0 && y < 1) api.reaction.drop(x, y);
    };

    session.subscribe("reaction.settings", (settings) => {
      running = settings.running;
      find(".run").textContent = running ? "Pause" : "Go on";
      for (const slider of sliders) {
        slider.value = settings[slider.name];
        slider.nextElementSibling.value = settings[slider.name].toFixed(3);
      }
    });
    // A promise that settles when it is drawn: the next value is then the newest.
    session.subscribe(
      "reaction.field",
      ({ v, covered, rate, step }) =>
        new Promise((drawn) =>
          requestAnimationFrame(() => {
            paint(field, v);
            shares.push(covered);
            if (shares.length > count) shares.shift();
            plot(chart, shares, count);
            find(".covered").textContent =
              `${(100 * covered).toFixed(0)} % covered`;
            find(".rate").textContent =
              `step ${step.toLocaleString()}, ${rate.toFixed(0)} steps/s`;
            drawn();
          }),
        ),
    );
    const redraw = () => plot(chart, shares, count);
    view.onTheme(() => requestAnimationFrame(redraw));
    const resized = new ResizeObserver(redraw);
    resized.observe(chart);
    signal.addEventListener("abort", () => resized.disconnect());
  },
};
