// Chromium, and a page that remembers everything that went wrong in it.
import { chromium } from "playwright-core";

export const WIDE = { width: 1280, height: 900 };
export const TABLET = { width: 820, height: 1180 };
export const PHONE = { width: 390, height: 844 };
export const NARROWEST = { width: 320, height: 640 };

export const PATIENCE_MS = 120_000; // with a browser that starts and a page that loads, on a machine that is busy

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    timeout: PATIENCE_MS,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const allowedOrigins = new Set();

// Origins beside the site's own that pages may fetch from.
export function allowOrigins(origins) {
  for (const origin of origins) allowedOrigins.add(origin);
}

// Runs in every page before its own script: records layout shifts, violations of the content security policy, and calls
// of what an injected script would call.
function watch() {
  window.__shifts = [];
  window.__violations = [];
  window.__dialogs = [];
  new PerformanceObserver((list) => {
    for (const { value, startTime, hadRecentInput, sources } of list.getEntries()) {
      const moved = ({ node, previousRect, currentRect }) => {
        const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        const places = [previousRect, currentRect].map(({ x, y }) => `${Math.round(x)},${Math.round(y)}`);
        return `${element ? `${element.tagName}.${element.className}` : "?"} from ${places.join(" to ")}`;
      };
      if (!hadRecentInput) {
        const when = `after ${Math.round(startTime)} ms, scrolled to ${Math.round(scrollY)}, ${document.readyState}`;
        window.__shifts.push(`${value} ${when}: ${sources.map(moved).join("; ") || "nothing that has an element"}`);
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) => {
    window.__violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
  });
  for (const name of ["alert", "confirm", "prompt", "print"]) {
    window[name] = (...words) => void window.__dialogs.push(`${name}(${words.join()})`);
  }
}

// Opens `url` in a context of its own. `faults` of the returned page fills with console errors, exceptions, failed and
// foreign requests; close() ends it. Without `pictures`, none arrives.
export async function open(browser, url, { viewport = WIDE, scheme = "light", script = true, motion = "reduce", pictures = true } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme: scheme,
    javaScriptEnabled: script,
    reducedMotion: motion,
  });
  if (script) await context.addInitScript(watch);
  if (!pictures) await context.route(/\.(jpe?g|webp|png)$/, (route) => route.abort("connectionrefused"));
  const page = await context.newPage();
  const faults = [];
  const origin = new URL(url).origin;
  page.on("console", (message) => {
    // A page that is rightly 404 is reported as a failed load by the console too.
    if (message.type() === "error" && message.location().url !== url) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "net::ERR_ABORTED") faults.push(`request failed: ${request.url()}`);
  });
  page.on("request", (request) => {
    const target = new URL(request.url());
    const foreign = target.origin !== origin && !allowedOrigins.has(target.origin);
    if (foreign && target.protocol.startsWith("http")) faults.push(`foreign request: ${request.url()}`);
  });
  const close = async () => {
    // A handler that is just answering would fail for want of its page.
    await page.unrouteAll({ behavior: "ignoreErrors" }).catch(() => {});
    await context.close().catch(() => {});
  };
  try {
    const answer = await page.goto(url, { waitUntil: "load", timeout: PATIENCE_MS });
    return { page, faults, status: answer?.status(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

// Opens `url`, shows it to `body`, and closes it however that ends.
export async function visit(browser, url, options, body) {
  const opened = await open(browser, url, options);
  try {
    return await body(opened);
  } finally {
    await opened.close();
  }
}

// A picture of it in `output`, for people to look at; none without a folder.
export async function picture(page, output, name, options = {}) {
  if (output) await page.screenshot({ ...options, path: `${output}/${name}.png` });
}

// Goes down the page a screen at a time, so that lazy pictures are fetched, waits for them, and returns to the top.
export async function readThrough(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight * 0.8) {
      scrollTo({ top: y, behavior: "instant" });
      await frame();
    }
    const pictures = [...document.images].filter((picture) => !picture.complete);
    const arrived = pictures.map((picture) => new Promise((done) => {
      picture.addEventListener("load", done);
      picture.addEventListener("error", done);
    }));
    await Promise.race([Promise.all(arrived), new Promise((done) => setTimeout(done, 30000))]);
    scrollTo({ top: 0, behavior: "instant" });
    await frame();
  });
}
