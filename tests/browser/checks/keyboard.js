// Everything can be reached without a mouse, in order, and one sees where one is.
import { visit } from "../browser.js";
import { expect, expectNone } from "../results.js";

// What has the focus: a number for its place among all elements, and whether a reader sees that it has it.
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return {
      place: [...document.querySelectorAll("*")].indexOf(element),
      name: `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`,
      id: element.id,
      class: element.className,
      outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      onScreen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  });
}

async function checkSkipLink({ page }) {
  await page.keyboard.press("Tab");
  const first = await focused(page);
  expect(first?.class === "skip-link", `the first stop is ${first?.name}`);
  expect(first.onScreen && first.outlined, "the skip link does not show");
  await page.keyboard.press("Enter");
  expect((await focused(page))?.id === "content", "the skip link does not lead to the text");
  await page.keyboard.press("Tab");
  const inside = await page.evaluate(() => document.querySelector("main").contains(document.activeElement));
  expect(inside, "after the skip link, Tab does not go on within the text");
}

async function checkTabOrder({ page }) {
  const expected = await page.evaluate(() =>
    [...document.querySelectorAll('a[href], button, [tabindex="0"]')].filter((element) => {
      const style = getComputedStyle(element);
      return style.visibility !== "hidden" && element.getClientRects().length > 0;
    }).length);
  const problems = [];
  let last = -1;
  let stops = 0;
  for (; stops < expected + 5; stops += 1) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (stop === null || stop.place <= last) break;
    if (!stop.outlined) problems.push(`no outline: ${stop.name}`);
    if (!stop.onScreen) problems.push(`not on the screen: ${stop.name}`);
    last = stop.place;
  }
  expectNone(problems, "stops");
  expect(stops >= expected, `${stops} stops for ${expected} links`);
}

export async function checkKeyboard(results, browser, base, { kind, path }) {
  const check = (name, body) => results.check(`${kind}: ${name}`, () => visit(browser, base + path, {}, body));
  await check("the skip link comes first and leads to the text", checkSkipLink);
  await check("every link can be reached by Tab, in order, visibly", checkTabOrder);
}
