import { themeColor } from "../palette.ts";

const AIR = 16;
const TITLE = 28;
const ROW = 18;

interface Entry {
  color: string;
  text: string;
}

/** Paints a card's chart with its title and legend; null where it has no chart. */
export async function paint(card: Element, title: string): Promise<Blob | null> {
  const chart = card.querySelector<HTMLCanvasElement>(".chart canvas");
  if (!chart) return null;
  const { width, height } = chart.getBoundingClientRect();
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  if (!context) return null;
  const font = themeColor("--font");
  context.font = `12px ${font}`;
  const rows = rowsOf(context, entriesOf(card), width);
  const whole = { width: width + 2 * AIR, height: height + TITLE + rows.length * ROW + 2 * AIR };
  picture.width = whole.width * devicePixelRatio;
  picture.height = whole.height * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  context.fillStyle = themeColor("--surface");
  context.fillRect(0, 0, whole.width, whole.height);
  context.fillStyle = themeColor("--ink");
  context.font = `600 13px ${font}`;
  context.fillText(title, AIR, AIR + 12, width);
  context.drawImage(chart, AIR, AIR + TITLE, width, height);
  context.font = `12px ${font}`;
  rows.forEach((row, index) => {
    drawRow(context, row, AIR + TITLE + height + (index + 1) * ROW - 4);
  });
  return new Promise((done) => picture.toBlob(done, "image/png"));
}

function entriesOf(card: Element): Entry[] {
  return [...card.querySelectorAll(".legend button[aria-pressed='true']")].map((button) => {
    const mark = button.querySelector("i");
    const text = [...button.querySelectorAll("span")].map((each) => each.textContent).join("  ");
    return { color: mark ? getComputedStyle(mark).color : themeColor("--ink"), text };
  });
}

const GAP = 18;
const MARK = 16;

/** Fills rows with entries as they fit. */
function rowsOf(context: CanvasRenderingContext2D, entries: Entry[], width: number): Entry[][] {
  const rows: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const wide = MARK + context.measureText(entry.text).width + GAP;
    if (rows.length === 0 || wide > room) {
      rows.push([]);
      room = width;
    }
    rows.at(-1)?.push(entry);
    room -= wide;
  }
  return rows;
}

function drawRow(context: CanvasRenderingContext2D, row: Entry[], baseline: number): void {
  let x = AIR;
  for (const { color, text } of row) {
    context.fillStyle = color;
    context.fillRect(x, baseline - 6, 10, 3);
    context.fillStyle = themeColor("--ink-2");
    context.fillText(text, x + MARK, baseline);
    x += MARK + context.measureText(text).width + GAP;
  }
}
