// Stories whose authors tried to smuggle in markup: nothing of it may become active.
import { PATIENCE_MS, open, readThrough } from "../browser.js";
import { expectNone } from "../results.js";

// What a story can never contain when all that its author wrote is text.
function activeContent() {
  const found = [];
  for (const element of document.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith("on")) found.push(`${element.tagName} ${attribute.name}=${attribute.value}`);
      if (["srcdoc", "style", "formaction", "xlink:href"].includes(attribute.name)) found.push(`${element.tagName} ${attribute.name}`);
      const link = ["href", "src", "action"].includes(attribute.name);
      if (link && !/^(https?:|mailto:|#|\/(?![/\\]))/i.test(attribute.value)) found.push(`${attribute.name}=${attribute.value}`);
    }
  }
  const strangers = "iframe, object, embed, form, base, applet, math, svg, template, meta[http-equiv], style";
  for (const element of document.querySelectorAll(strangers)) found.push(`<${element.tagName.toLowerCase()}>`);
  for (const script of document.scripts) {
    const own = script.src && new URL(script.src).origin === location.origin && new URL(script.src).pathname.startsWith("/assets/");
    if (!own && script.type !== "application/ld+json") found.push(`script ${script.src}`);
  }
  return found;
}

// In one tab, as a reader goes from story to story: a tab for each takes most of the time.
export async function checkInert(results, browser, base, paths) {
  let opened;
  for (const path of paths) {
    await results.check(`nothing active in ${path}`, async () => {
      opened ??= await open(browser, base);
      const { page, faults } = opened;
      faults.length = 0;
      await page.goto(base + path, { waitUntil: "load", timeout: PATIENCE_MS });
      await readThrough(page);
      // Whatever waits for a pointer or a focus gets one.
      for (const link of await page.locator("main a").all()) await link.dispatchEvent("mouseover");
      const dialogs = await page.evaluate(() => [...window.__dialogs, ...(window.injected ? ["a script ran"] : [])]);
      const violations = await page.evaluate(() => window.__violations);
      const told = faults.filter((fault) => !fault.startsWith("console: Failed to load resource"));
      expectNone([...dialogs, ...violations, ...told, ...(await page.evaluate(activeContent))], "active");
    });
  }
  await opened?.close();
}
