// On paper: the story, its links' addresses, and nothing that is only of use on a screen.
import { readThrough, visit } from "../browser.js";
import { expect, expectNone } from "../results.js";

async function checkOnPaper(results, page, kind, output) {
  await readThrough(page);
  await page.emulateMedia({ media: "print" });
  await results.check(`${kind}: print leaves out what is for the screen`, async () => {
    const shown = await page.evaluate(() =>
      [".skip-link", ".sections", ".back-to-top", ".live-status", ".related", ".site-footer"].filter((selector) =>
        [...document.querySelectorAll(selector)].some((element) => element.getClientRects().length > 0)));
    expectNone(shown, "printed");
  });
  await results.check(`${kind}: print shows where links lead`, async () => {
    const silent = await page.evaluate(() =>
      [...document.querySelectorAll('.body a[href^="http"]')]
        .filter((link) => getComputedStyle(link, "::after").content === "none")
        .map((link) => link.href));
    expectNone(silent, "without address");
  });
  await results.check(`${kind}: print makes a document`, async () => {
    const pdf = await page.pdf({ ...(output && { path: `${output}/${kind}.pdf` }), format: "A4" });
    expect(pdf.length > 10000, `only ${pdf.length} bytes`);
  });
}

export async function checkPrint(results, browser, base, { kind, path }, output) {
  await results.attempt(`${kind}: can be opened to be printed`, () =>
    visit(browser, base + path, {}, ({ page }) => checkOnPaper(results, page, kind, output)));
}
