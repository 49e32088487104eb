// Back to top: an ordinary link without script; with it, one that floats, scrolls softly and takes the focus along.
import { PHONE, visit } from "../browser.js";
import { expect } from "../results.js";

const LINK = ".back-to-top a";
const WITHIN_MS = 15_000;
const atTop = () => window.scrollY === 0;
const scrollDown = () => window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });

async function withoutScript({ page }) {
  const link = page.locator(LINK);
  await link.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  expect(before > 0, "the page is too short to try");
  await link.click();
  // The browser may scroll a little later. Asked from here: without script a page cannot be made to wait.
  for (let i = 0; i < 100 && !(await page.evaluate(atTop)); ++i) await new Promise((done) => setTimeout(done, 50));
  expect(await page.evaluate(atTop), "the link does not lead to the top");
}

async function withScript({ page }) {
  const link = page.locator(LINK);
  await page.waitForSelector(".back-to-top.floating", { state: "attached" });
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".back-to-top a")).visibility === "hidden");
  await page.evaluate(scrollDown);
  await link.waitFor({ state: "visible", timeout: WITHIN_MS });
  await link.click();
  await page.waitForFunction(atTop, undefined, { timeout: WITHIN_MS });
  expect(await page.evaluate(() => document.activeElement.id === "top"), "the focus stays behind");
  await link.waitFor({ state: "hidden", timeout: WITHIN_MS });
}

export async function checkBackToTop(results, browser, base, { kind, path }) {
  const check = (name, options, body) => results.check(`${kind}: back to top ${name}`, () =>
    visit(browser, base + path, { viewport: PHONE, ...options }, body));
  await check("works without script", { script: false }, withoutScript);
  await check("works with script", {}, withScript);
  await check("scrolls softly", { motion: "no-preference" }, withScript);
}
