import { expect, test } from "vitest";
import { patiently } from "./patience.ts";

function failing(times: number) {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw new Error(`${left} failures left`);
    return "there";
  };
}

test("it tries again until the task succeeds, with pauses that grow to 5 s", async () => {
  const pauses: number[] = [];
  const wait = async (milliseconds: number) => void pauses.push(milliseconds);
  expect(await patiently(failing(6), () => false, wait)).toBe("there");
  expect(pauses).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
});

test("it gives up with the last error where trying is hopeless", async () => {
  const asked: number[] = [];
  const hopeless = (failures: number) => {
    asked.push(failures);
    return failures === 3;
  };
  await expect(patiently(failing(9), hopeless, async () => undefined)).rejects.toThrow(
    "6 failures left",
  );
  expect(asked).toEqual([1, 2, 3]);
});
