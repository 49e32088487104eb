// What a page may weigh, and what may stand in the way of its first picture on the screen.
import { request } from "node:http";
import { PHONE, visit } from "../browser.js";
import { expect, expectNone } from "../results.js";

const MAX_HTML_BYTES = 60_000; // as brotli; of a page that is labelled for each reader anew, as gzip, which is more
const MAX_SCRIPT_AND_STYLE_BYTES = 40_000; // as sent, together
const CODED_WITHIN_MS = 60_000; // to find the page in its smallest coding, which is made after the first answer
const PAUSE_MS = 100;

// One answer as it is on the wire.
function fetchCoded(url, coding) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { "Accept-Encoding": coding }, timeout: 60000 }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => (bytes += chunk.length));
      answer.on("end", () => resolve({ bytes, coding: answer.headers["content-encoding"] ?? "" }));
      answer.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`${url} does not answer`)));
    sent.on("error", reject);
    sent.end();
  });
}

async function brotliBytes(url) {
  for (const began = Date.now(); Date.now() - began < CODED_WITHIN_MS; ) {
    const answer = await fetchCoded(url, "br");
    if (answer.coding === "br") return answer.bytes;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  throw new Error("never comes as brotli");
}

async function gzipBytes(url) {
  const { bytes, coding } = await fetchCoded(url, "gzip");
  expect(coding === "gzip", `comes as ${coding || "it is"}, not as gzip`);
  return bytes;
}

// Of the page as a phone loads it, without scrolling.
async function facts(page) {
  return page.evaluate(async () => {
    const largest = await new Promise((done) => {
      new PerformanceObserver((list) => done(list.getEntries().at(-1).element)).observe({
        type: "largest-contentful-paint",
        buffered: true,
      });
      setTimeout(() => done(null), 15000);
    });
    const resources = performance.getEntriesByType("resource").map((entry) => ({
      url: entry.name,
      kind: entry.initiatorType,
      blocking: entry.renderBlockingStatus === "blocking",
      bytes: entry.encodedBodySize,
    }));
    const name = (picture) => picture.getAttribute("src");
    return {
      resources,
      lazy: largest instanceof HTMLImageElement && largest.loading === "lazy" ? [name(largest)] : [],
      unsized: [...document.images].filter((picture) => !picture.hasAttribute("width") || !picture.hasAttribute("height")).map(name),
    };
  });
}

export async function checkBudget(results, browser, base, { kind, path, status, mark }) {
  const check = (name, body) => results.check(`${kind}: ${name}`, body);
  if (status === 200) {
    await check(`less than ${MAX_HTML_BYTES} bytes of HTML as ${mark ? "gzip" : "brotli"}`, async () => {
      const bytes = mark ? await gzipBytes(base + path) : await brotliBytes(base + path);
      expect(bytes < MAX_HTML_BYTES, `${bytes} bytes`);
    });
  }
  const seen = await results.attempt(`${kind}: can be opened for its budget`, () =>
    visit(browser, base + path, { viewport: PHONE }, ({ page }) => facts(page)));
  if (!seen) return;
  const { resources, lazy, unsized } = seen;
  await check("no script holds the page up", () => {
    const scripts = resources.filter(({ kind, url, blocking }) => blocking && (kind === "script" || url.endsWith(".js")));
    expectNone(scripts.map(({ url }) => url), "blocks rendering");
  });
  await check("one stylesheet at most holds the page up", () => {
    const blocking = resources.filter((resource) => resource.blocking).map(({ url }) => url);
    expect(blocking.length <= 1, blocking.join("\n"));
  });
  await check("scripts and styles are small", () => {
    const bytes = resources.filter(({ kind }) => ["script", "link", "css"].includes(kind)).reduce((sum, resource) => sum + resource.bytes, 0);
    expect(bytes < MAX_SCRIPT_AND_STYLE_BYTES, `${bytes} bytes`);
  });
  await check("the largest picture of the first screen is not lazy", () => expectNone(lazy, "lazy"));
  await check("every picture has its size", () => expectNone(unsized, "without width and height"));
}
