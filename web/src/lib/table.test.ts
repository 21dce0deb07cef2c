import { expect, test } from "vitest";
import { fileName, sheetOf, toCsv } from "./table.ts";

test("a chart is a table of times and lines, with gaps left empty", () => {
  const sheet = sheetOf(
    [0, 1.5],
    [
      { name: 'up{job="a, b"}', values: [1, null] },
      { name: "two\nlines", values: [0.1, -2e-9] },
    ],
  );
  expect(toCsv(sheet)).toBe(
    'time,"up{job=""a, b""}","two\nlines"\r\n' +
      "1970-01-01T00:00:00.000Z,1,0.1\r\n" +
      "1970-01-01T00:00:01.500Z,,-2e-9\r\n",
  );
});

test("no text of a label is a formula to a spreadsheet", () =>
  expect(toCsv({ columns: ["=cmd()", "-1"], rows: [] })).toBe("'=cmd(),'-1\r\n"));

test("a title becomes a name that every file system takes", () => {
  expect(fileName("Requests per minute / API", "csv")).toBe("requests-per-minute-api.csv");
  expect(fileName("…", "png")).toBe("watchroom.png");
});
