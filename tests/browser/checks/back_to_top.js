// Back to top: an ordinary link without script; with it, one that floats, scrolls softly and takes the focus along.
import { PHONE, open } from "../browser.js";
import { expect } from "../results.js";

const LINK = ".back-to-top a";
const atTop = () => window.scrollY === 0;
const scrollDown = () => window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });

async function withoutScript(browser, url) {
  const { page, close } = await open(browser, url, { viewport: PHONE, script: false });
  const link = page.locator(LINK);
  await link.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  expect(before > 0, "the page is too short to try");
  await link.click();
  expect(await page.evaluate(atTop), "the link does not lead to the top");
  await close();
}

async function withScript(browser, url, motion) {
  const { page, close } = await open(browser, url, { viewport: PHONE, motion });
  const link = page.locator(LINK);
  await page.waitForSelector(".back-to-top.floating", { state: "attached" });
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".back-to-top a")).visibility === "hidden");
  await page.evaluate(scrollDown);
  await link.waitFor({ state: "visible", timeout: 3000 });
  await link.click();
  await page.waitForFunction(atTop, undefined, { timeout: 5000 });
  expect(await page.evaluate(() => document.activeElement.id === "top"), "the focus stays behind");
  await link.waitFor({ state: "hidden", timeout: 3000 });
  await close();
}

export async function checkBackToTop(results, browser, base, { kind, path }) {
  await results.check(`${kind}: back to top works without script`, () => withoutScript(browser, base + path));
  await results.check(`${kind}: back to top works with script`, () => withScript(browser, base + path, "reduce"));
  await results.check(`${kind}: back to top scrolls softly`, () => withScript(browser, base + path, "no-preference"));
}
