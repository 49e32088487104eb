// A page that comes slowly, as over a bad network: what is on the screen already stays where it is.
import { createServer, request } from "node:http";
import { PHONE, TABLET, WIDE, visit } from "../browser.js";
import { expectNone } from "../results.js";

const PIECES = 40;
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

// Whole lines, about as long as each other. A piece that ends within a line would move words of a line that is centred or
// aligned at its end, whoever wrote the page; the templates give each element that stands by itself a line of its own.
function piecesOf(body) {
  const size = Math.ceil(body.length / PIECES);
  const pieces = [];
  for (let from = 0; from < body.length; ) {
    const end = body.indexOf("\n", from + size);
    const to = end < 0 ? body.length : end + 1;
    pieces.push(body.slice(from, to));
    from = to;
  }
  return pieces;
}

async function passOn(base, asked, answer) {
  const { status, headers, body } = await fetchWhole(base + asked.url, asked.method, { ...asked.headers, host: new URL(base).host });
  const { "content-length": _, "transfer-encoding": __, ...fields } = headers;
  answer.writeHead(status, fields);
  const pieces = headers["content-type"]?.startsWith("text/html") ? piecesOf(body) : [body];
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await new Promise((done) => setTimeout(done, PAUSE_MS));
    answer.write(piece, "latin1");
  }
  answer.end();
}

// The site `base` at another port, whose pages come in pieces: {url, close()}.
async function slowSite(base) {
  const server = createServer((asked, answer) => {
    passOn(base, asked, answer).catch(() => answer.destroy());
  });
  await new Promise((done) => server.listen(0, "localhost", done));
  return { url: `http://localhost:${server.address().port}`, close: () => new Promise((done) => server.close(done)) };
}

export async function checkArrival(results, browser, base, { kind, path }) {
  const site = await slowSite(base);
  try {
    for (const [name, viewport] of [["", WIDE], [" on a tablet", TABLET], [" on a phone", PHONE]]) {
      await results.check(`${kind}: nothing moves while it comes slowly${name}`, async () => {
        const shifts = await visit(browser, site.url + path, { viewport }, ({ page }) => page.evaluate(() => window.__shifts));
        expectNone(shifts, "layout shifts");
      });
    }
  } finally {
    await site.close();
  }
}
