// Watches one picture: which moves of the mouse it has shown, and when. Runs in the page that it is in.
element => {
  const GRID = 64;
  const sampler = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const context = sampler.getContext('2d', { willReadFrequently: true });
  const cell = place => Math.min(Math.max(Math.floor(place * GRID), 0), GRID - 1);
  const four = value => Math.min(value >> 4, 15);

  /** The number that the background's colour is, in the corner. */
  const shown = () => {
    const width = element.naturalWidth ?? element.width;
    const height = element.naturalHeight ?? element.height;
    if (element.complete === false || width === 0) return null;
    context.drawImage(element, width >> 6, height >> 6, 1, 1, 0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return (four(red) << 8) | (four(green) << 4) | four(blue);
  };

  const moves = []; // { code, at }: what the user did, and when
  const pictures = []; // { code, at }: each picture that is another than the one before
  const onMove = ({ clientX, clientY, timeStamp }) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [(clientX - left) / width, (clientY - top) / height];
    moves.push({ code: cell(y) * GRID + cell(x), at: timeStamp });
  };
  let last = null;
  const onFrame = () => {
    const code = shown();
    if (code !== null && code !== last) {
      last = code;
      pictures.push({ code, at: performance.now() });
    }
    window.benchFrame = requestAnimationFrame(onFrame);
  };

  cancelAnimationFrame(window.benchFrame);
  window.benchEnd?.();
  window.addEventListener('pointermove', onMove, { capture: true });
  window.benchEnd = () => window.removeEventListener('pointermove', onMove, { capture: true });
  window.benchShows = () => moves.length > 0 && shown() === moves.at(-1).code;
  window.benchTaken = () => ({ moves: moves.splice(0), pictures: pictures.splice(0) });
  onFrame();
}
