// The Nu HTML Checker on pages as they were sent. Whatever it says counts: errors, warnings, remarks.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectNone } from "../results.js";

const jar = createRequire(import.meta.url)("vnu-jar");

// The checker exits with 1 when it finds something and reports on stderr.
function runChecker(files) {
  const options = { maxBuffer: 64 << 20, timeout: 300000 };
  return new Promise((resolve, reject) => {
    execFile("java", ["-Xss2m", "-jar", jar, "--format", "json", ...files], options, (error, _, stderr) => {
      try {
        resolve(JSON.parse(stderr).messages);
      } catch {
        reject(new Error(`the checker failed: ${error?.message ?? stderr}`));
      }
    });
  });
}

export async function checkMarkup(results, base, pages) {
  const folder = await mkdtemp(join(tmpdir(), "markup-"));
  try {
    const files = new Map();
    for (const { kind, path } of pages) {
      const file = join(folder, `${kind}.html`);
      await results.attempt(`${kind}: can be fetched`, async () => {
        await writeFile(file, await (await fetch(base + path)).text());
        files.set(kind, file);
      });
    }
    if (files.size === 0) return;
    const messages = await results.attempt("the checker can be run", () => runChecker([...files.values()]));
    if (!messages) return;
    for (const [kind, file] of files) {
      const own = messages.filter((message) => message.url?.endsWith(file));
      await results.check(`${kind}: valid HTML`, () =>
        expectNone(own.map((message) => `line ${message.lastLine}: ${message.message}: ${message.extract}`), "messages"));
    }
    const ofNone = messages.filter(({ url }) => ![...files.values()].some((file) => url?.endsWith(file)));
    const unread = messages.filter(({ type }) => type === "non-document-error");
    await results.check("the checker read every page", () =>
      expectNone([...new Set([...unread, ...ofNone])].map(({ message }) => message), "unread"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
