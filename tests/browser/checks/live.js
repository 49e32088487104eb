// A live story: the latest moment first, and what is new behind a button. The site's own answers to `?since=` are taken, as if
// the reader's page were older than it is; time is the test's.
import { PATIENCE_MS, PHONE, open, picture, visit } from "../browser.js";
import { expect, expectNone } from "../results.js";
import { violations } from "./page.js";

const MISSED = 2; // moments that the reader's page does not have yet

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Requests are reported a little later than they are made.
async function expectAsked(asked, count, message) {
  for (let i = 0; i < 300 && asked.length < count; ++i) await pause(50);
  expect(asked.length === count, `${message}: ${asked.length} times, ${asked.join(" ")}`);
}

const shown = () => [...document.querySelectorAll(".moment")].map(({ id }) => id);

async function withoutScript({ page }) {
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
  expect(facts.reload === new URL(page.url()).pathname, `the link leads to ${facts.reload}`);
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

// Lets so much of the page's time pass, and waits until what it asked meanwhile is answered: before that it does not know
// when to ask again, however much of its time goes by.
async function pass(page, asked, milliseconds) {
  await page.clock.runFor(milliseconds);
  await pause(20);
  for (let i = 0; i < 600 && asked.open.size > 0; ++i) await pause(20);
  await page.evaluate(() => {});
}

// Lets the page ask until it has done so `count` times, at its usual pace.
async function letAsk(page, asked, count) {
  for (let i = 0; i < 10 * count && asked.length < count; ++i) await pass(page, asked, 9000);
  expect(asked.length === count, `asked ${asked.length} times, not ${count}`);
}

// As if the reader turned to another tab and back.
const lookAwayAndBack = (page) => page.evaluate(() => {
  for (const hidden of [true, false]) {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }
});

// The page as it was before the latest moments came, with a clock that the test moves. `asked` fills with requests, and
// `asked.open` has those that are not answered yet.
async function openOlder(browser, url, options = {}) {
  const opened = await open(browser, "about:blank", options);
  const { page } = opened;
  const asked = Object.assign([], { open: new Set() });
  await page.route(url, async (route) => {
    const answer = await route.fetch();
    const cut = (await answer.text()).replace(/(<div class="body moments">\n)([^]*?)(<\/div>\n<\/section>)/, (_, start, moments, end) =>
      start + moments.split(/^(?=<article class="moment)/m).slice(MISSED).join("") + end);
    const older = cut.replace(/<li><a href="#(b-[^"]*)">.*\n/g, (entry, id) => (cut.includes(`" id="${id}"`) ? entry : ""));
    await route.fulfill({ response: answer, body: older });
  });
  page.on("request", (request) => {
    if (!request.url().includes("?since=")) return;
    asked.push(request.url());
    asked.open.add(request);
  });
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => asked.open.delete(request));
  try {
    await page.clock.install();
    await page.goto(url, { waitUntil: "load", timeout: PATIENCE_MS });
  } catch (error) {
    await opened.close();
    throw error;
  }
  return { ...opened, asked };
}

async function showsNews({ page, asked }, output, viewport) {
  const before = await page.evaluate(shown);
  await page.evaluate(() => document.querySelector(".moment:last-of-type").scrollIntoView({ behavior: "instant" }));
  const place = () => document.querySelector(".moment:last-of-type").getBoundingClientRect().top;
  const top = await page.evaluate(place);
  expect(asked.length === 0, "the site is asked at once");
  await pass(page, asked, 40000);
  const button = page.locator(".live-status button");
  await button.waitFor({ state: "visible", timeout: 15000 });
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
}

async function restsWhileHidden({ page, asked }) {
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
}

async function asksLessOftenInTrouble({ page, asked }) {
  await answerWith(page, 503);
  for (let i = 0; i < 40; ++i) {
    await pass(page, asked, 15000);
    await lookAwayAndBack(page);
    await page.evaluate(() => new Promise((done) => queueMicrotask(done)));
  }
  expect(asked.length >= 2 && asked.length <= 5, `a site in trouble is asked ${asked.length} times in ten minutes`);
  expect(await page.locator(".live-status a").count() === 1, "the link is gone");
}

async function tellsThatTheStoryIsAnother({ page, asked }) {
  await answerWith(page, 410);
  await page.clock.runFor(40000);
  await page.waitForFunction(() => document.querySelector(".live-status").textContent.startsWith(document.querySelector(".live-status").dataset.changed));
  expect(await page.locator(".live-status a").count() === 1, "the link is gone");
  await pass(page, asked, 600000);
  await lookAwayAndBack(page);
  await pass(page, asked, 600000);
  expect(asked.length === 1, `asked ${asked.length} times`);
}

async function goesOnAfterACorrection({ page, asked }) {
  const [latest, ...others] = await page.evaluate(shown);
  await answerWith(page, 404, ["b-corrected"], 204);
  await letAsk(page, asked, 2);
  expect(asked.map(since).join() === [latest, others[0]].join(), `asked: ${asked}`);
  await page.locator(".live-status button").click();
  expect((await page.evaluate(shown)).join() === ["b-corrected", ...others].join(), "what was corrected still stands beside its correction");
  expect(await page.evaluate(() => document.querySelector(".key-events a").hash) === "#b-corrected", "it is no key event");
  await letAsk(page, asked, 3);
  expect(since(asked[2]) === "b-corrected", `asked: ${asked}`);
}

async function givesUpWithWhatWaits({ page, asked }) {
  const before = await page.evaluate(shown);
  await answerWith(page, undefined, 404);
  await letAsk(page, asked, 4);
  expect(new Set(asked.slice(1)).size === 3, `asked: ${asked}`);
  await pass(page, asked, 600000);
  await lookAwayAndBack(page);
  await pass(page, asked, 600000);
  expect(asked.length === 4, `asked ${asked.length} times`);
  await page.locator(".live-status button").click();
  expect((await page.evaluate(shown)).length === before.length + MISSED, "what waited is lost");
  expect(await page.evaluate(() => document.querySelector(".live-status").textContent.startsWith(document.querySelector(".live-status").dataset.changed)), "it does not say that it has stopped");
}

async function showsNoMomentTwice({ page, asked }) {
  const before = await page.evaluate(shown);
  await answerWith(page, ["b-two", "b-one"], ["b-one", "b-three"], [before[1]], 204);
  await letAsk(page, asked, 3);
  await page.locator(".live-status button").click();
  expect((await page.evaluate(shown)).join() === ["b-one", "b-three", "b-two", ...before].join(), `shown: ${await page.evaluate(shown)}`);
}

// What the page has already is no news, though the site calls it so.
async function asksLessOftenWithoutNews({ page, asked }) {
  await answerWith(page, (await page.evaluate(shown)).slice(1, 2));
  for (let i = 0; i < 200; ++i) await pass(page, asked, 9000);
  expect(asked.length >= 20 && asked.length <= 42, `a site without news is asked ${asked.length} times in half an hour`);
}

async function visitOlder(browser, url, options, body) {
  const opened = await openOlder(browser, url, options);
  try {
    await body(opened);
  } finally {
    await opened.close();
  }
}

export async function checkLive(results, browser, base, { kind, path }, output) {
  const url = base + path;
  const check = (name, body, options = {}) => results.check(`${kind}: ${name}`, () => visitOlder(browser, url, options, body));
  await results.check(`${kind}: complete without script`, () => visit(browser, url, { script: false }, withoutScript));
  await check("new moments wait for the reader", (opened) => showsNews(opened, output));
  await check("new moments wait for the reader on a phone", (opened) => showsNews(opened, output, PHONE), { viewport: PHONE });
  await check("asks for nothing while hidden", restsWhileHidden);
  await check("asks less often when the site is in trouble", asksLessOftenInTrouble);
  await check("asks less often without news", asksLessOftenWithoutNews);
  await check("tells when the story is another", tellsThatTheStoryIsAnother);
  await check("goes on when the latest moment was corrected", goesOnAfterACorrection);
  await check("gives up with what waits still there", givesUpWithWhatWaits);
  await check("shows no moment twice", showsNoMomentTwice);
}
