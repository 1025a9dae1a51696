import { Pace, describeRates } from "../app/pace.ts";
import { expect, test } from "./page.ts";

const TIMES = { pre: 2, inference: 20, post: 3, total: 25 };

test("frame rates are of about the last second, and frames that were not shown are counted", () => {
  const pace = new Pace();
  const found = [];
  // The camera gives 25 frames a second, and every second one is shown.
  for (let i = 0; i < 40; i++) found.push(pace.add(TIMES, 2 * i, 80 * i));
  const rates = found.filter((one) => one !== null);
  expect(rates.length).toBe(3);
  for (const { camera, shown, dropped, inference } of rates) {
    expect(camera).toBeCloseTo(25, 1);
    expect(shown).toBeCloseTo(12.5, 1);
    expect(dropped).toBe(13);
    expect(inference).toBe(20);
  }
});

test("rates of a browser that does not count the camera's frames", () => {
  const rates = { camera: 0, shown: 24.6, dropped: 0, pre: 1.26, inference: 20, post: 3 };
  expect(describeRates(rates)).toBe("25 frames per second\nbefore the network 1.3, network 20, after it 3.0 ms");
  expect(describeRates({ ...rates, camera: 30, dropped: 5 })).toMatch(/^25 of 30 frames per second, 5 dropped\n/);
});
