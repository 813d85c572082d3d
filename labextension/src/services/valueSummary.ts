/**
 * A result as people can read it: JSON, arrays in a line, pictures to be drawn.
 */

import { NdArray, TypedArray } from '../wire/arrays';

/** Where a text is cut. */
const MAX_CHARS = 20_000;
/** Of a list or an object; the rest is counted. */
const MAX_ENTRIES = 100;
/** Least and greatest value are looked for in so many. */
const MAX_SEARCHED = 4_000_000;
const FIRST_ITEMS = 6;
const MAX_PICTURES = 4;
const MAX_PICTURE_PX = 4096;

/** The bytes of a picture file. */
export interface IPictureFile {
  readonly type: 'file';
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** The pixels of a picture, as a canvas takes them. */
export interface IPixels {
  readonly type: 'pixels';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** What to show of a value. */
export interface IValueSummary {
  readonly text: string;
  readonly pictures: readonly (IPictureFile | IPixels)[];
}

/** Summarise a value that came from Python. */
export function summarize(value: unknown): IValueSummary {
  const pictures: (IPictureFile | IPixels)[] = [];
  const note = (picture: IPictureFile | IPixels | null): void => {
    if (picture !== null && pictures.length < MAX_PICTURES) {
      pictures.push(picture);
    }
  };
  const text = JSON.stringify(readable(value, note), null, 2) ?? 'null';
  const cut = text.length > MAX_CHARS;
  return { text: cut ? `${text.slice(0, MAX_CHARS)}…` : text, pictures };
}

type Note = (picture: IPictureFile | IPixels | null) => void;

/** Return what JSON can say of `value`. */
function readable(value: unknown, note: Note): unknown {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : String(value); // JSON has no NaN
  }
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (value instanceof NdArray) {
    const array: NdArray = value as NdArray;
    note(pixelsOf(array));
    return arrayText(array);
  }
  if (value instanceof Uint8Array) {
    note(pictureFileOf(value));
    return `${value.length} bytes`;
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ENTRIES).map(item => readable(item, note));
    const more = value.length - items.length;
    return more > 0 ? [...items, `… ${more} more`] : items;
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const entries = Object.entries(value);
    const shown = entries
      .slice(0, MAX_ENTRIES)
      .map(([key, item]): [string, unknown] => [key, readable(item, note)]);
    const more = entries.length - shown.length;
    return Object.fromEntries(more > 0 ? [...shown, ['…', more]] : shown);
  }
  return value;
}

/** `<f4 [2, 3], 0 to 1: 0, 0.5, …` */
export function arrayText({ dtype, shape, data }: NdArray): string {
  const name = `${dtype} [${shape.join(', ')}]`;
  if (data.length === 0) {
    return name;
  }
  const first = [...data.slice(0, FIRST_ITEMS)].map(shortNumber);
  const items = `${first.join(', ')}${data.length > first.length ? ', …' : ''}`;
  const isComplex = dtype.startsWith('<c');
  if (isComplex || data.length > MAX_SEARCHED) {
    return `${name}: ${items}`;
  }
  const [least, greatest] = rangeOf(data);
  return `${name}, ${shortNumber(least)} to ${shortNumber(greatest)}: ${items}`;
}

function rangeOf(data: TypedArray): [number | bigint, number | bigint] {
  let least: number | bigint = data[0];
  let greatest: number | bigint = data[0];
  for (const item of data) {
    // A NaN is neither, unless there is nothing else.
    if (item < least || least !== least) {
      least = item;
    }
    if (item > greatest || greatest !== greatest) {
      greatest = item;
    }
  }
  return [least, greatest];
}

function shortNumber(item: number | bigint): string {
  return typeof item === 'bigint' || Number.isInteger(item)
    ? String(item)
    : String(Number(item.toPrecision(6)));
}

function pictureFileOf(bytes: Uint8Array): IPictureFile | null {
  const startsWith = (...magic: number[]): boolean =>
    magic.every((byte, index) => bytes[index] === byte);
  if (startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) {
    return { type: 'file', mimeType: 'image/png', bytes };
  }
  if (startsWith(0xff, 0xd8, 0xff)) {
    return { type: 'file', mimeType: 'image/jpeg', bytes };
  }
  return null;
}

function pixelsOf({ dtype, shape, data }: NdArray): IPixels | null {
  const [heightPx, widthPx, channels] = shape;
  const isPicture =
    dtype === '|u1' &&
    shape.length === 3 &&
    (channels === 3 || channels === 4) &&
    [widthPx, heightPx].every(side => side > 0 && side <= MAX_PICTURE_PX);
  if (!isPicture) {
    return null;
  }
  const rgba = new Uint8ClampedArray(widthPx * heightPx * 4).fill(255);
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      rgba[pixel * 4 + channel] = Number(data[pixel * channels + channel]);
    }
  }
  return { type: 'pixels', widthPx, heightPx, rgba };
}
