// A page that comes slowly, as over a bad network: what is on the screen already stays where it is.
import { createServer, request } from "node:http";
import { PHONE, TABLET, WIDE, visit } from "../browser.js";
import { expectNone } from "../results.js";

const NEAR = 420; // tags from the beginning of the body: what they show fills more than a screen
const FAR_PIECES = 40; // of all that follows
const PAUSE_MS = 40; // more than a frame, so that each piece is painted before the next one comes

function fetchWhole(url, method, headers) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, "accept-encoding": "identity" }, timeout: 60000 }, async (answer) => {
      const chunks = [];
      try {
        for await (const chunk of answer) chunks.push(chunk);
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString("latin1") });
      } catch (error) {
        reject(error);
      }
    });
    sent.on("timeout", () => sent.destroy(new Error(`${url} does not answer`)));
    sent.on("error", reject);
    sent.end();
  });
}

// Each ends before a tag, where a parser that has worked for long enough may pause for the page to be shown: before every
// third one of those that can be on the first screen, beginning with `first`, and now and then in what follows. A piece that
// ended within words would move those of a line that is centred or aligned at its end, whoever wrote the page. Throws if
// there is no body.
function piecesOf(body, first) {
  const tags = [...body.matchAll(/</g)].map(({ index }) => index);
  const shown = tags.findIndex((index) => body.startsWith("<body", index));
  if (shown < 0) throw new Error("a page without <body");
  const seldom = Math.ceil((tags.length - shown - NEAR) / FAR_PIECES);
  const ends = tags.slice(shown).filter((_, i) => i < NEAR ? i % 3 === first : (i - NEAR) % seldom === 0);
  return [0, ...ends].map((from, i) => body.slice(from, ends[i]));
}

async function passOn(base, first, asked, answer) {
  const { status, headers, body } = await fetchWhole(base + asked.url, asked.method, { ...asked.headers, host: new URL(base).host });
  const { "content-length": _, "transfer-encoding": __, ...fields } = headers;
  answer.writeHead(status, fields);
  const pieces = headers["content-type"]?.startsWith("text/html") ? piecesOf(body, first) : [body];
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await new Promise((done) => setTimeout(done, PAUSE_MS));
    answer.write(piece, "latin1");
  }
  answer.end();
}

// The site `base` at another port, whose pages come in pieces: {url, close()}.
async function slowSite(base, first) {
  const server = createServer((asked, answer) => {
    passOn(base, first, asked, answer).catch(() => answer.destroy());
  });
  await new Promise((done) => server.listen(0, "localhost", done));
  return { url: `http://localhost:${server.address().port}`, close: () => new Promise((done) => server.close(done)) };
}

export async function checkArrival(results, browser, base, { kind, path }) {
  for (const [first, [name, viewport]] of [["", WIDE], [" on a tablet", TABLET], [" on a phone", PHONE]].entries()) {
    await results.check(`${kind}: nothing moves while it comes slowly${name}`, async () => {
      const site = await slowSite(base, first);
      try {
        const shifts = await visit(browser, site.url + path, { viewport }, ({ page }) => page.evaluate(() => window.__shifts));
        expectNone(shifts, "layout shifts");
      } finally {
        await site.close();
      }
    });
  }
}
