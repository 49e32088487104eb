// A live story: the latest moment first, and what is new behind a button. The site's own answers to `?since=` are taken, as if
// the reader's page were older than it is; time is the test's.
import { PHONE, open, picture } from "../browser.js";
import { expect, expectNone } from "../results.js";
import { violations } from "./page.js";

const MISSED = 2; // moments that the reader's page does not have yet

// Requests are reported a little later than they are made.
async function expectAsked(asked, count, message) {
  for (let i = 0; i < 100 && asked.length < count; ++i) await new Promise((done) => setTimeout(done, 50));
  expect(asked.length === count, `${message}: ${asked.length} times, ${asked.join(" ")}`);
}

const shown = () => [...document.querySelectorAll(".moment")].map(({ id }) => id);

async function withoutScript(browser, url) {
  const { page, close } = await open(browser, url, { script: false });
  const facts = await page.evaluate(() => ({
    times: [...document.querySelectorAll(".moment-time time")].map(({ dateTime }) => dateTime),
    unlabelled: [...document.querySelectorAll(".moment")].filter((moment) => !moment.querySelector(":scope > h3")).length,
    astray: [...document.querySelectorAll(".key-events a")].filter(({ hash }) => !document.querySelector(`.moment[id="${hash.slice(1)}"]`)).length,
    reload: document.querySelector(".live-status a")?.pathname,
  }));
  expect(facts.times.length > MISSED, `${facts.times.length} moments`);
  expect(facts.times.join() === [...facts.times].sort().reverse().join(), `order: ${facts.times}`);
  expect(facts.unlabelled === 0, `${facts.unlabelled} moments without a heading`);
  expect(facts.astray === 0, `${facts.astray} key events lead nowhere`);
  expect(facts.reload === new URL(url).pathname, `the link leads to ${facts.reload}`);
  await close();
}

// The fragment of a site whose moments with those ids stand above the one asked for.
const fragmentOf = (ids) =>
  `<div class="moments">\n${ids.map((id) => `<article class="moment key" id="${id}" aria-labelledby="${id}.h"><h3 id="${id}.h">As ${id}</h3></article>\n`).join("")}</div>\n`;

// Answers questions one after the other, the last ones all alike: with a status, with moments of these ids, or as the site does.
async function answerWith(page, ...answers) {
  await page.route(/\?since=/, (route) => {
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next === undefined) return route.continue();
    if (Array.isArray(next)) return route.fulfill({ contentType: "text/html; charset=utf-8", body: fragmentOf(next) });
    return route.fulfill({ status: next, body: "" });
  });
}

const since = (url) => decodeURIComponent(url.split("=").at(-1));

// Lets the page ask until it has done so `count` times, at its usual pace.
async function letAsk(page, asked, count) {
  for (let i = 0; i < 10 * count && asked.length < count; ++i) {
    await page.clock.runFor(9000);
    await new Promise((done) => setTimeout(done, 100));
  }
  expect(asked.length === count, `asked ${asked.length} times, not ${count}`);
}

// As if the reader turned to another tab and back.
const lookAwayAndBack = (page) => page.evaluate(() => {
  for (const hidden of [true, false]) {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }
});

// The page as it was before the latest moments came, with a clock that the test moves. `asked` fills with requests.
async function openOlder(browser, url, options = {}) {
  const opened = await open(browser, "about:blank", options);
  const { page } = opened;
  const asked = [];
  await page.route(url, async (route) => {
    const answer = await route.fetch();
    const cut = (await answer.text()).replace(/(<div class="body moments">\n)([^]*?)(<\/div>\n<\/section>)/, (_, start, moments, end) =>
      start + moments.split(/^(?=<article class="moment)/m).slice(MISSED).join("") + end);
    const older = cut.replace(/<li><a href="#(b-[^"]*)">.*\n/g, (entry, id) => (cut.includes(`" id="${id}"`) ? entry : ""));
    await route.fulfill({ response: answer, body: older });
  });
  page.on("request", (request) => {
    if (request.url().includes("?since=")) asked.push(request.url());
  });
  await page.clock.install();
  await page.goto(url, { waitUntil: "load" });
  return { ...opened, asked };
}

async function showsNews(browser, url, output, viewport) {
  const { page, asked, close } = await openOlder(browser, url, { viewport });
  const before = await page.evaluate(shown);
  await page.evaluate(() => document.querySelector(".moment:last-of-type").scrollIntoView({ behavior: "instant" }));
  const place = () => document.querySelector(".moment:last-of-type").getBoundingClientRect().top;
  const top = await page.evaluate(place);
  expect(asked.length === 0, "the site is asked at once");
  await page.clock.runFor(40000);
  const button = page.locator(".live-status button");
  await button.waitFor({ state: "visible", timeout: 5000 });
  await expectAsked(asked, 1, "the site is asked");
  expect((await button.textContent()).includes(String(MISSED)), `the button says ${await button.textContent()}`);
  expect((await page.getAttribute(".live-status", "role")) === "status", "it is not announced");
  expect((await page.evaluate(place)) === top, "what the reader reads has moved");
  expectNone(await page.evaluate(() => window.__shifts), "layout shifts");
  expect((await page.evaluate(shown)).join() === before.join(), "moments are shown unasked");
  await picture(page, output, `live-news-${viewport?.width ?? "wide"}`);
  await button.click();
  const after = await page.evaluate(shown);
  expect(after.length === before.length + MISSED, `${after.length} moments after ${before.length}`);
  expect(after.slice(MISSED).join() === before.join(), "the order has changed");
  expect(await page.evaluate(() => document.activeElement.id) === after[0], "the focus does not go to what is new");
  expect(await button.count() === 0, "the button stays");
  const key = await page.evaluate(() => [[...document.querySelectorAll(".moment.key")].map(({ id }) => `#${id}`).join(), [...document.querySelectorAll(".key-events a")].map(({ hash }) => hash).join()]);
  expect(key[0] === key[1], `key events ${key[1]}, not ${key[0]}`);
  await page.clock.runFor(40000);
  await expectAsked(asked, 2, "the site is asked");
  expect(asked[1].endsWith(`=${encodeURIComponent(after[0])}`), `asked: ${asked}`);
  expectNone(await violations(page), "axe");
  await picture(page, output, `live-shown-${viewport?.width ?? "wide"}`);
  await close();
}

async function restsWhileHidden(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.clock.runFor(600000);
  expect(asked.length === 0, `a hidden page asks ${asked.length} times`);
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.clock.runFor(3000);
  await expectAsked(asked, 1, "once it is seen again it asks");
  await close();
}

async function asksLessOftenInTrouble(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  await answerWith(page, 503);
  for (let i = 0; i < 40; ++i) {
    await page.clock.runFor(15000);
    await lookAwayAndBack(page);
    await page.evaluate(() => new Promise((done) => queueMicrotask(done)));
  }
  expect(asked.length >= 2 && asked.length <= 5, `a site in trouble is asked ${asked.length} times in ten minutes`);
  expect(await page.locator(".live-status a").count() === 1, "the link is gone");
  await close();
}

async function tellsThatTheStoryIsAnother(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  await answerWith(page, 410);
  await page.clock.runFor(40000);
  await page.waitForFunction(() => document.querySelector(".live-status").textContent.startsWith(document.querySelector(".live-status").dataset.changed));
  expect(await page.locator(".live-status a").count() === 1, "the link is gone");
  await page.clock.runFor(600000);
  await lookAwayAndBack(page);
  await page.clock.runFor(600000);
  expect(asked.length === 1, `asked ${asked.length} times`);
  await close();
}

async function goesOnAfterACorrection(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  const [latest, ...others] = await page.evaluate(shown);
  await answerWith(page, 404, ["b-corrected"], 204);
  await letAsk(page, asked, 2);
  expect(asked.map(since).join() === [latest, others[0]].join(), `asked: ${asked}`);
  await page.locator(".live-status button").click();
  expect((await page.evaluate(shown)).join() === ["b-corrected", ...others].join(), "what was corrected still stands beside its correction");
  expect(await page.evaluate(() => document.querySelector(".key-events a").hash) === "#b-corrected", "it is no key event");
  await letAsk(page, asked, 3);
  expect(since(asked[2]) === "b-corrected", `asked: ${asked}`);
  await close();
}

async function givesUpWithWhatWaits(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  const before = await page.evaluate(shown);
  await answerWith(page, undefined, 404);
  await letAsk(page, asked, 4);
  expect(new Set(asked.slice(1)).size === 3, `asked: ${asked}`);
  await page.clock.runFor(600000);
  await lookAwayAndBack(page);
  await page.clock.runFor(600000);
  expect(asked.length === 4, `asked ${asked.length} times`);
  await page.locator(".live-status button").click();
  expect((await page.evaluate(shown)).length === before.length + MISSED, "what waited is lost");
  expect(await page.evaluate(() => document.querySelector(".live-status").textContent.startsWith(document.querySelector(".live-status").dataset.changed)), "it does not say that it has stopped");
  await close();
}

async function showsNoMomentTwice(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  const before = await page.evaluate(shown);
  await answerWith(page, ["b-two", "b-one"], ["b-one", "b-three"], [before[1]], 204);
  await letAsk(page, asked, 3);
  await page.locator(".live-status button").click();
  expect((await page.evaluate(shown)).join() === ["b-one", "b-three", "b-two", ...before].join(), `shown: ${await page.evaluate(shown)}`);
  await close();
}

// What the page has already is no news, though the site calls it so.
async function asksLessOftenWithoutNews(browser, url) {
  const { page, asked, close } = await openOlder(browser, url);
  await answerWith(page, (await page.evaluate(shown)).slice(1, 2));
  for (let i = 0; i < 200; ++i) {
    await page.clock.runFor(9000);
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(asked.length >= 20 && asked.length <= 42, `a site without news is asked ${asked.length} times in half an hour`);
  await close();
}

export async function checkLive(results, browser, base, { kind, path }, output) {
  const url = base + path;
  await results.check(`${kind}: complete without script`, () => withoutScript(browser, url));
  await results.check(`${kind}: new moments wait for the reader`, () => showsNews(browser, url, output));
  await results.check(`${kind}: new moments wait for the reader on a phone`, () => showsNews(browser, url, output, PHONE));
  await results.check(`${kind}: asks for nothing while hidden`, () => restsWhileHidden(browser, url));
  await results.check(`${kind}: asks less often when the site is in trouble`, () => asksLessOftenInTrouble(browser, url));
  await results.check(`${kind}: asks less often without news`, () => asksLessOftenWithoutNews(browser, url));
  await results.check(`${kind}: tells when the story is another`, () => tellsThatTheStoryIsAnother(browser, url));
  await results.check(`${kind}: goes on when the latest moment was corrected`, () => goesOnAfterACorrection(browser, url));
  await results.check(`${kind}: gives up with what waits still there`, () => givesUpWithWhatWaits(browser, url));
  await results.check(`${kind}: shows no moment twice`, () => showsNoMomentTwice(browser, url));
}
