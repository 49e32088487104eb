// What pages do beyond what they can do without script: the link back to the top floats once the masthead is out of sight,
// scrolls smoothly for those who like motion, and takes the focus along; a picture that does not arrive leaves its
// words in a quiet frame, as one that the newsroom could not send does; the site is told that a story was read: its path
// and, if it was reached from this site, that page's, and nothing of the reader. Who asks not to be tracked is not counted.
// A live story asks every half minute for moments above the latest one it has, while somebody looks at it; less often when
// nothing happens or the site is in trouble. What is new waits behind a button: nothing moves that the reader did not touch.
(() => {
  "use strict";

  const masthead = document.getElementById("top");
  const backToTop = document.querySelector(".back-to-top");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  if (masthead && backToTop && "IntersectionObserver" in window) {
    backToTop.classList.add("floating");
    new IntersectionObserver(([entry]) => {
      backToTop.classList.toggle("shown", !entry.isIntersecting);
    }).observe(masthead);
    backToTop.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      window.scrollTo({ top: 0, behavior: calm.matches ? "auto" : "smooth" });
      masthead.focus({ preventScroll: true });
    });
  }

  const fail = (image) => {
    const words = document.createElement("span");
    words.className = "picture-missing late";
    words.textContent = image.alt;
    (image.closest("picture") ?? image).replaceWith(words);
  };
  document.addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) fail(event.target);
  }, true);
  for (const image of [...document.images]) {
    if (image.complete && image.naturalWidth === 0 && image.currentSrc) fail(image);
  }

  const tell = () => {
    const page = new URLSearchParams({ page: location.pathname });
    const from = URL.canParse?.(document.referrer) ? new URL(document.referrer) : null;
    if (from?.origin === location.origin) page.set("from", from.pathname);
    navigator.sendBeacon("/beacon", page);
  };
  const untracked = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
  if (document.querySelector("article.story") && navigator.sendBeacon && !untracked) {
    if (document.prerendering) document.addEventListener("prerenderingchange", tell, { once: true });
    else tell();
  }

  const status = document.querySelector(".live-status");
  const moments = document.querySelector(".moments");
  if (status && moments?.firstElementChild) followLive();

  function followLive() {
    const EVERY = 30_000;
    const SELDOM = 600_000;
    const PATIENCE = 10_000;
    const link = status.querySelector("a");
    const button = document.createElement("button");
    button.type = "button";
    const waiting = document.createDocumentFragment(); // the latest first
    let timer = 0;
    let asking = false;
    let asked = Date.now();
    let quiet = 0; // answers without news since the last with some
    let failures = 0; // in a row

    const askIn = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(ask, milliseconds);
    };
    // No two readers who opened the page at once ask at once.
    const rest = () => Math.min(EVERY * (1 + quiet / 20) * 2 ** failures, SELDOM) * (0.8 + Math.random() * 0.4);

    // Whether the page can go on as it is.
    const take = (answer, text) => {
      if (answer.status === 204) return true;
      if (!text.startsWith('<div class="moments"')) return false;
      const fragment = new DOMParser().parseFromString(text, "text/html");
      const fresh = [...fragment.querySelectorAll(".moment")].filter(({ id }) => !document.getElementById(id));
      waiting.prepend(...fresh);
      if (fresh.length > 0) announce();
      return true;
    };

    const announce = () => {
      const count = waiting.childElementCount;
      button.textContent = count === 1 ? status.dataset.one : status.dataset.many.replace("{n}", count);
      if (!button.isConnected) status.replaceChildren(button);
    };

    const ask = async () => {
      if (document.hidden || asking) return;
      asking = true;
      asked = Date.now();
      const known = (waiting.firstElementChild ?? moments.firstElementChild).id;
      let going = true;
      try {
        const url = `${location.pathname}?since=${encodeURIComponent(known)}`;
        const answer = await fetch(url, { cache: "no-cache", signal: AbortSignal.timeout?.(PATIENCE) });
        if (answer.status >= 500 || answer.status === 429) throw new Error(answer.statusText);
        going = take(answer, answer.status === 200 ? await answer.text() : "");
        quiet = answer.status === 204 ? quiet + 1 : 0;
        failures = 0;
      } catch {
        failures += 1;
      }
      asking = false;
      if (going) askIn(rest());
      else status.replaceChildren(status.dataset.changed, " ", link);
    };

    const addKeyEvent = (moment) => {
      const list = document.querySelector(".key-events ol");
      if (!list || !moment.classList.contains("key") || list.querySelector(`a[href="#${moment.id}"]`)) return;
      const entry = document.createElement("li");
      const target = document.createElement("a");
      const words = document.createElement("span");
      target.href = `#${moment.id}`;
      words.textContent = moment.querySelector("h3").textContent;
      target.append(moment.querySelector("time").cloneNode(true), " ", words);
      entry.append(target);
      list.prepend(entry);
    };

    button.addEventListener("click", () => {
      const first = waiting.firstElementChild;
      for (const moment of [...waiting.children].reverse()) addKeyEvent(moment);
      moments.prepend(waiting);
      status.replaceChildren(link);
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
    });
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      if (!document.hidden) askIn(Math.max(0, asked + EVERY - Date.now()) + Math.random() * 2_000);
    });
    askIn(rest());
  }
})();
