// What there is to check at a site: its pages by kind, found the way a reader and a search engine find them.

const ATTRIBUTE = /<html[^>]*\bdir="(ltr|rtl)"/;

const WAIT_MS = 30_000; // for a page that cannot be made in time while it is asked for the first time
const PAUSE_MS = 500;
let patient = true; // until one page has been waited for in vain

async function get(url) {
  const began = Date.now();
  for (;;) {
    const answer = await fetch(url, { redirect: "follow" });
    const text = await answer.text();
    if (answer.status !== 503 || !patient) return { url, status: answer.status, text, headers: answer.headers };
    patient = Date.now() - began < WAIT_MS;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

function pathOf(url) {
  return new URL(url).pathname;
}

// The paths that a sitemap or an index of sitemaps names.
async function locations(url) {
  const sitemap = await get(url);
  if (sitemap.status !== 200) throw new Error(`${url} answers ${sitemap.status}`);
  return [...sitemap.text.matchAll(/<loc>([^<]+)<\/loc>/g)].map((match) => pathOf(match[1]));
}

// Every path of the sitemaps with its page.
async function readSitemap(base) {
  const pages = new Map();
  const sitemaps = await locations(`${base}/sitemap.xml`);
  const paths = [];
  for (const sitemap of sitemaps) paths.push(...(await locations(base + sitemap)));
  for (const path of new Set(paths)) pages.set(path, await get(base + path));
  return pages;
}

function longest(stories) {
  return stories.reduce((best, story) => (story.text.length > best.text.length ? story : best));
}

// [{kind, path, status}]: one page of each kind, and the stories that are hard each in its own way. Throws when the site
// lacks one of the kinds that every site has.
export async function findPages(base) {
  const pages = [...(await readSitemap(base)).entries()].map(([path, page]) => ({ path, ...page }));
  const broken = pages.filter((page) => page.status !== 200);
  if (broken.length > 0) throw new Error(`not 200: ${broken.map((page) => `${page.path} ${page.status}`).join(", ")}`);
  const stories = pages.filter((page) => /"@type":"(NewsArticle|LiveBlogPosting)"/.test(page.text));
  if (stories.length === 0) throw new Error("no story in the sitemap");
  const first = (list, test) => list.find(test);
  const pictured = stories.filter((page) => page.text.includes('class="story-lead"'));
  const found = [
    ["front", { path: "/", status: 200 }],
    ["section", first(pages, (page) => page.text.includes('class="page-section"'))],
    ["author", first(pages, (page) => page.path.startsWith("/authors/")) ?? authorOf(stories)],
    ["story", longest(pictured.length > 0 ? pictured : stories)],
    ["right-to-left", first(stories, (page) => page.text.match(ATTRIBUTE)?.[1] === "rtl")],
    ["without-picture", first(stories, (page) => !page.text.includes('class="story-lead"'))],
    ["with-table", first(stories, (page) => page.text.includes("<table"))],
    ["live", first(stories, (page) => page.text.includes('class="live-status"'))],
    ["with-corrections", first(stories, (page) => page.text.includes('class="corrections"'))],
    ["longest-headline", stories.reduce((a, b) => (headline(b).length > headline(a).length ? b : a))],
    ["most-read", { path: "/most-read", status: 200 }],
    ["not-found", { path: "/no-such-section/no-such-story", status: 404 }],
  ];
  const missing = found.filter(([, page]) => !page).map(([kind]) => kind);
  for (const kind of ["section", "author"]) if (missing.includes(kind)) throw new Error(`the site has no ${kind} page`);
  const kinds = found.filter(([, page]) => page).map(([kind, page]) => ({ kind, path: page.path, status: page.status ?? 200 }));
  return { kinds, missing, all: pages.map((page) => page.path) };
}

// A page that is told, not found: 'KIND STATUS PATH SELECTOR', where the selector matches what only a page of this kind shows.
export function givenPage(words) {
  const [, kind, status, path, mark] = words.match(/^([a-z-]+) (\d{3}) (\/\S*) (.+)$/) ?? [];
  if (!kind) throw new Error(`not 'KIND STATUS PATH SELECTOR': ${words}`);
  return { kind, path, status: Number(status), mark };
}

function headline(page) {
  return page.text.match(/<h1[^>]*>([^<]*)/)?.[1] ?? "";
}

function authorOf(stories) {
  for (const story of stories) {
    const link = story.text.match(/href="(\/authors\/[^"]+)"/);
    if (link) return { path: link[1], status: 200 };
  }
  return undefined;
}

// Where the site's own policy says that pictures may come from, beside the site.
export async function pictureOrigins(base) {
  const policy = (await get(`${base}/`)).headers.get("content-security-policy") ?? "";
  const directive = policy.split(";").map((part) => part.trim()).find((part) => part.startsWith("img-src ")) ?? "";
  return directive.split(/\s+/).filter((source) => /^https?:/.test(source)).map((source) => new URL(source).origin);
}
