// When the media service is away: no broken image, and a story's pictures leave their words.
import { readThrough, visit } from "../browser.js";
import { expect, expectNone } from "../results.js";

export async function checkMissingPictures(results, browser, base, { kind, path }) {
  const check = (body) => results.check(`${kind}: pictures that do not arrive leave their words`, () =>
    visit(browser, base + path, { pictures: false }, body));
  await check(async ({ page }) => {
    const promised = await page.evaluate(() => [...document.querySelectorAll(".picture img")].map((image) => image.alt));
    await readThrough(page);
    await page.waitForFunction(() => document.images.length === 0, undefined, { timeout: 15000 }).catch(() => {});
    expectNone(await page.evaluate(() => [...document.images].map((image) => image.src)), "broken images");
    const shown = await page.evaluate(() => [...document.querySelectorAll(".picture-missing")].map((words) => words.textContent));
    expect(shown.length > 0, "the page has no pictures to lose");
    expectNone(promised.filter((words) => !shown.includes(words)), "words that do not show");
  });
}
