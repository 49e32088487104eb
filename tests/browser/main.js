// Checks a running site, or only those of its pages that are given: see README.md.
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { allowOrigins, launch } from "./browser.js";
import { checkArrival } from "./checks/arrival.js";
import { checkBackToTop } from "./checks/back_to_top.js";
import { checkBudget } from "./checks/budget.js";
import { checkInert } from "./checks/hostile.js";
import { checkKeyboard } from "./checks/keyboard.js";
import { checkLive } from "./checks/live.js";
import { checkMarkup } from "./checks/markup.js";
import { checkPage } from "./checks/page.js";
import { checkMissingPictures } from "./checks/pictures.js";
import { checkPrint } from "./checks/print.js";
import { Results, expectNone } from "./results.js";
import { findPages, givenPage, pictureOrigins } from "./site.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: "string" },
    hostile: { type: "string", multiple: true, default: [] },
    page: { type: "string", multiple: true, default: [] },
  },
});
if (positionals.length !== 1) {
  console.error("usage: tests/browser/run URL_BASE [--output DIR] [--hostile PATH]… [--page 'KIND STATUS PATH SELECTOR']…");
  process.exit(2);
}
const base = positionals[0].replace(/\/$/, "");
if (values.output) await mkdir(values.output, { recursive: true });

const results = new Results();
// Such as of a handler that nobody waits for.
process.on("uncaughtException", (error) => results.fail("no error outside the checks", error));

async function checkInBrowser(browser, given, { kinds, missing, all }) {
  if (given.length === 0) await results.check("the site has a page of every kind", () => expectNone(missing, "missing"));
  for (const page of kinds) {
    await checkPage(results, browser, base, page, values.output);
    await checkBudget(results, browser, base, page);
    await checkArrival(results, browser, base, page);
  }
  const byKeyboard = ["front", "section", "author", "story", "live", "right-to-left"];
  for (const page of kinds.filter(({ kind, mark }) => mark || byKeyboard.includes(kind))) {
    await checkKeyboard(results, browser, base, page);
  }
  for (const page of kinds.filter(({ kind }) => ["front", "story", "right-to-left"].includes(kind))) {
    await checkBackToTop(results, browser, base, page);
  }
  for (const page of kinds.filter(({ kind }) => ["story", "live"].includes(kind))) {
    await checkPrint(results, browser, base, page, values.output);
  }
  for (const page of kinds.filter(({ kind }) => kind === "live")) {
    await checkLive(results, browser, base, page, values.output);
  }
  for (const page of kinds.filter(({ kind }) => ["front", "story"].includes(kind))) {
    await checkMissingPictures(results, browser, base, page);
  }
  await checkInert(results, browser, base, new Set([...all, ...given.map((page) => page.path), ...values.hostile]));
}

async function checkAll() {
  const given = values.page.map(givenPage);
  const site = given.length > 0 ? { kinds: given, missing: [], all: [] } : await findPages(base);
  allowOrigins(await pictureOrigins(base));
  const browser = await launch();
  try {
    await checkInBrowser(browser, given, site);
  } finally {
    await browser.close();
  }
  const hostile = values.hostile.map((path, index) => ({ kind: `hostile-${index + 1}`, path }));
  await checkMarkup(results, base, [...site.kinds, ...hostile]);
}

await results.attempt("the checks can be made", checkAll);
process.exit(results.finish() ? 0 : 1);
