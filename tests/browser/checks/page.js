// What every page must be, whatever its kind.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { NARROWEST, PHONE, WIDE, picture, readThrough, visit } from "../browser.js";
import { expect, expectNone } from "../results.js";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const WHOLE = { fullPage: true };

// Every violation of axe-core's rules, whatever weight axe-core gives it, best practices included.
export async function violations(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.map((violation) => `${violation.id}: ${violation.help}: ${violation.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}

async function checkStructure(page, status) {
  const facts = await page.evaluate(() => ({
    h1: document.querySelectorAll("h1").length,
    canonical: document.querySelectorAll('link[rel="canonical"]').length,
    language: document.documentElement.lang,
    direction: document.documentElement.dir,
    title: document.title,
    inline: document.querySelectorAll("style, [style], script:not([src]):not([type='application/ld+json'])").length,
  }));
  expect(facts.h1 === 1, `${facts.h1} h1 elements`);
  expect(facts.canonical === (status === 200 ? 1 : 0), `${facts.canonical} canonical links`);
  expect(facts.language !== "" && facts.direction !== "", "html without lang or dir");
  expect(facts.title !== "", "no title");
  expect(facts.inline === 0, `${facts.inline} inline styles or scripts`);
}

// Structured data says what the page says.
async function checkStructuredData(page) {
  const difference = await page.evaluate(() => {
    const scripts = [...document.querySelectorAll('script[type="application/ld+json"]')];
    const story = scripts.map((script) => JSON.parse(script.textContent)).find((data) => ["NewsArticle", "LiveBlogPosting"].includes(data["@type"]));
    if (!story) return document.body.classList.contains("page-article") ? "a story without NewsArticle" : "";
    const text = (selector) => document.querySelector(selector)?.textContent.trim();
    const time = (selector) => document.querySelector(`${selector} time`)?.getAttribute("datetime");
    const squeeze = (words) => words?.replace(/\s+/g, " ").trim();
    if (squeeze(story.headline) !== squeeze(text("h1"))) return `headline: ${story.headline}`;
    if (story.datePublished !== time(".published")) return `datePublished: ${story.datePublished}`;
    if (time(".updated") && story.dateModified !== time(".updated")) return `dateModified: ${story.dateModified}`;
    if (story.url !== document.querySelector('link[rel="canonical"]').href) return `url: ${story.url}`;
    const credit = story.image?.[0]?.creditText;
    const moments = [...document.querySelectorAll(".moment")];
    if ((story["@type"] === "LiveBlogPosting") !== moments.length > 0) return `@type: ${story["@type"]}`;
    for (const [i, update] of (story.liveBlogUpdate ?? []).entries()) {
      if (update.url !== `${story.url}#${moments[i]?.id}`) return `liveBlogUpdate ${i}: ${update.url}`;
      if (squeeze(update.headline) !== squeeze(moments[i].querySelector("h3").textContent)) return `liveBlogUpdate ${i}: ${update.headline}`;
      if (update.datePublished !== moments[i].querySelector("time").dateTime) return `liveBlogUpdate ${i}: ${update.datePublished}`;
    }
    if (credit && !text(".story-lead .credit")?.endsWith(credit)) return `creditText: ${credit}`;
    return "";
  });
  expect(difference === "", difference);
}

async function brokenPictures(page) {
  return page.evaluate(() =>
    [...document.images].filter((picture) => picture.naturalWidth === 0).map((picture) => picture.currentSrc || picture.src));
}

async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > width ? [`page is ${document.documentElement.scrollWidth} wide`] : [];
    for (const element of document.body.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      const scrolls = element.closest(".table-scroll") !== null || element.closest(".skip-link, .visually-hidden") !== null;
      if (!scrolls && box.width > 0 && (box.right > width + 1 || box.left < -1)) {
        found.push(`${element.tagName}.${element.className} from ${Math.round(box.left)} to ${Math.round(box.right)}`);
      }
    }
    return found;
  });
}

// Every check of one page, with pictures of it in `output` if there is one.
export async function checkPage(results, browser, base, { kind, path, status, mark }, output) {
  const check = (name, body) => results.check(`${kind}: ${name}`, body);
  const opened = (where, options, body) => results.attempt(`${kind}: can be opened${where}`, () =>
    visit(browser, base + path, options, async (seen) => {
      await readThrough(seen.page);
      await body(seen);
    }));

  await opened("", { viewport: WIDE }, async (wide) => {
    await check(`answers ${status}`, () => expect(wide.status === status, `answers ${wide.status}`));
    if (mark) {
      await check(`shows ${mark}`, async () => expect((await wide.page.locator(mark).count()) > 0, "does not show it"));
    }
    await check("structure", () => checkStructure(wide.page, status));
    await check("structured data agrees with the page", () => checkStructuredData(wide.page));
    await check("pictures load", async () => expectNone(await brokenPictures(wide.page), "broken"));
    await check("nothing moves while it loads", async () => expectNone(await wide.page.evaluate(() => window.__shifts), "layout shifts"));
    await check("accessible", async () => expectNone(await violations(wide.page), "axe"));
    await check("no errors, no foreign requests, no policy violations", async () => {
      expectNone([...wide.faults, ...(await wide.page.evaluate(() => window.__violations))], "faults");
    });
    await picture(wide.page, output, `${kind}-wide`, WHOLE);
    await wide.page.emulateMedia({ media: "print" });
    await picture(wide.page, output, `${kind}-print`, WHOLE);
  });

  await opened(" in the dark", { viewport: WIDE, scheme: "dark" }, async ({ page }) => {
    await check("accessible in the dark", async () => expectNone(await violations(page), "axe"));
    await picture(page, output, `${kind}-dark`, WHOLE);
  });

  await opened(" on a phone", { viewport: PHONE }, async ({ page }) => {
    await check("nothing moves on a phone", async () => expectNone(await page.evaluate(() => window.__shifts), "layout shifts"));
    await check("accessible on a phone", async () => expectNone(await violations(page), "axe"));
    await picture(page, output, `${kind}-phone`, WHOLE);
    await page.setViewportSize(NARROWEST);
    await check("no horizontal scrolling at 320 px", async () => expectNone(await overflow(page), "too wide"));
  });
}
