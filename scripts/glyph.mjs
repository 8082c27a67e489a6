// node scripts/glyph.mjs: draws media/portico.ttf, the font of one glyph (U+E000) that the status bar shows.
// Tables as in https://learn.microsoft.com/typography/opentype/spec/otff; whole numbers are big-endian.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./lib/paths.mjs";

const EM = 1000;
const CODE = 0xe000;
const rect = (x, y, width, height) => [
  [x, y],
  [x, y + height],
  [x + width, y + height],
  [x + width, y],
];
const arch = [
  [385, 170],
  ...Array.from({ length: 9 }, (_, i) => {
    const angle = Math.PI * (1 - i / 8);
    return [Math.round(500 + 115 * Math.cos(angle)), Math.round(420 + 115 * Math.sin(angle))];
  }),
  [615, 170],
];
/** The portico of media/icon.svg: pediment, beam, two columns, door, step. Clockwise, so that they are filled. */
const CONTOURS = [
  [
    [40, 680],
    [500, 930],
    [960, 680],
  ],
  rect(90, 570, 820, 60),
  rect(130, 170, 130, 350),
  rect(740, 170, 130, 350),
  arch,
  rect(40, 60, 920, 70),
];

const u16 = (...all) => all.flatMap((n) => [(n >> 8) & 255, n & 255]);
const u32 = (...all) => all.flatMap((n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
const padded = (bytes) => [...bytes, ...Array.from({ length: -bytes.length & 3 }, () => 0)];

function glyph(contours) {
  const points = contours.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const ends = contours.map((_, i) => contours.slice(0, i + 1).flat().length - 1);
  const steps = (all) => u16(...all.map((value, i) => value - (all[i - 1] ?? 0)));
  return padded([
    ...u16(contours.length, Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), ...ends, 0),
    // On the curve, both coordinates as words.
    ...points.map(() => 1),
    ...steps(xs),
    ...steps(ys),
  ]);
}

const drawn = glyph(CONTOURS);
const points = CONTOURS.flat();
const names = [
  [1, "portico"],
  [2, "Regular"],
  [3, "portico 1"],
  [4, "portico"],
  [5, "Version 1.0"],
  [6, "portico"],
].map(([id, text]) => ({ id, bytes: [...text].flatMap((c) => u16(c.charCodeAt(0))) }));
let at = 0;
const nameRecords = names.flatMap(({ id, bytes }) => {
  const record = u16(3, 1, 0x409, id, bytes.length, at);
  at += bytes.length;
  return record;
});

const tables = {
  "OS/2": [
    ...u16(4, EM, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 250, 0),
    ...Array.from({ length: 10 }, () => 0),
    ...u32(0, 0x10000000, 0, 0),
    ...[..."NONE"].map((c) => c.charCodeAt(0)),
    ...u16(0x40, CODE, CODE, EM, 0, 0, EM, 0),
    ...u32(1, 0),
    ...u16(500, 700, 0, 32, 0),
  ],
  cmap: [
    ...u16(0, 1, 3, 1),
    ...u32(12),
    // Two segments: the glyph's own, and the last that every such table ends with.
    ...u16(4, 32, 0, 4, 4, 1, 0, CODE, 0xffff, 0, CODE, 0xffff, 1 - CODE, 1, 0, 0),
  ],
  glyf: drawn,
  head: [
    ...u32(0x00010000, 0x00010000, 0, 0x5f0f3cf5),
    ...u16(3, EM),
    ...u32(0, 0, 0, 0),
    ...u16(40, 60, 960, 930, 0, 8, 2, 1, 0),
  ],
  hhea: [...u32(0x00010000), ...u16(EM, 0, 0, EM, 0, 0, EM, 1, 0, 0, 0, 0, 0, 0, 0, 2)],
  hmtx: u16(EM, 0, EM, 40),
  loca: u32(0, 0, drawn.length),
  maxp: [...u32(0x00010000), ...u16(2, points.length, CONTOURS.length, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)],
  name: [
    ...u16(0, names.length, 6 + 12 * names.length),
    ...nameRecords,
    ...names.flatMap(({ bytes }) => bytes),
  ],
  post: [...u32(0x00030000, 0), ...u16(-100, 50), ...u32(0, 0, 0, 0, 0)],
};

const sum = (bytes) => {
  let total = 0;
  const all = padded(bytes);
  for (let i = 0; i < all.length; i += 4) {
    total = (total + ((all[i] << 24) | (all[i + 1] << 16) | (all[i + 2] << 8) | all[i + 3])) >>> 0;
  }
  return total;
};

function font() {
  const entries = Object.entries(tables);
  let offset = 12 + 16 * entries.length;
  const directory = entries.flatMap(([tag, bytes]) => {
    const record = [...[...tag].map((c) => c.charCodeAt(0)), ...u32(sum(bytes), offset, bytes.length)];
    offset += padded(bytes).length;
    return record;
  });
  const range = 2 ** Math.floor(Math.log2(entries.length));
  return [
    ...u32(0x00010000),
    ...u16(entries.length, range * 16, Math.log2(range), entries.length * 16 - range * 16),
    ...directory,
    ...entries.flatMap(([, bytes]) => padded(bytes)),
  ];
}

// `checkSumAdjustment` is set last: it is reckoned over all of the font.
tables.head.splice(8, 4, ...u32((0xb1b0afba - sum(font())) >>> 0));
await writeFile(join(root, "media", "portico.ttf"), new Uint8Array(font()));
