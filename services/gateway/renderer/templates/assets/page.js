// What pages do beyond what they can do without script: the link back to the top floats once the masthead is out of sight,
// scrolls smoothly for those who like motion, and takes the focus along; a picture that does not arrive leaves its
// words in a quiet frame, as one that the newsroom could not send does; the site is told that a story was read: its path
// and, if it was reached from this site, that page's, and nothing of the reader. Who asks not to be tracked is not counted.
// A live story asks every half minute for moments above the latest one it has, while somebody looks at it; less often when
// nothing happens or the site is in trouble. If the site has that moment no more, because a correction took its place, the
// page asks about an older one before it gives up. What is new waits behind a button: nothing moves that the reader did not
// touch.
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
    const OLDER = 2; // moments to ask about when the site has the latest one no more
    const link = status.querySelector("a");
    const button = document.createElement("button");
    button.type = "button";
    const waiting = document.createDocumentFragment(); // the latest first
    let timer = 0;
    let due = 0; // when the site may be asked next
    let asking = false;
    let stopped = false;
    let quiet = 0; // answers without news since the last with some
    let failures = 0; // in a row
    let missed = 0; // in a row: moments that the site was asked about and has no more

    const askIn = (milliseconds) => {
      due = Date.now() + milliseconds;
      clearTimeout(timer);
      timer = setTimeout(ask, milliseconds);
    };
    // No two readers who opened the page at once ask at once.
    const rest = () => Math.min(EVERY * (1 + quiet / 20) * 2 ** failures, SELDOM) * (0.8 + Math.random() * 0.4);

    // What the line says.
    const tellStatus = () => {
      const count = waiting.childElementCount;
      if (count > 0) {
        const words = count === 1 ? status.dataset.one : status.dataset.many.replace("{n}", count);
        if (button.textContent !== words) button.textContent = words; // said once
        if (!button.isConnected) status.replaceChildren(button);
      } else if (stopped) {
        status.replaceChildren(status.dataset.changed, " ", link);
      } else if (!link.isConnected) {
        status.replaceChildren(link);
      }
    };

    // The latest moment that the site may still have, below those it has just been found not to have.
    const known = () =>
      [...waiting.children, ...moments.children].filter(({ dataset }) => !("gone" in dataset))[missed]?.id;

    // What the page has above the moment `since` is what was sent: of what waits nothing else is kept, of what is shown
    // the rest goes once the reader presses the button. Whether there is news.
    const take = (since, sent) => {
      const ids = new Set(sent.map(({ id }) => id));
      const unseen = sent.filter(({ id }) => !document.getElementById(id));
      const news = unseen.some(({ id }) => !waiting.getElementById(id));
      const waits = waiting.getElementById(since);
      for (const moment of waits ? [] : moments.children) {
        if (moment.id === since) break;
        if (ids.has(moment.id)) delete moment.dataset.gone;
        else moment.dataset.gone = "";
      }
      while (waiting.firstElementChild !== waits) waiting.firstElementChild.remove();
      for (const id of ids) waiting.getElementById(id)?.remove();
      waiting.prepend(...unseen);
      return news;
    };

    // Whether the page can go on as it is.
    const hear = (since, answer, text) => {
      if (answer.status === 404) {
        missed += 1;
        return missed <= OLDER && known() !== undefined;
      }
      if (answer.status === 410) waiting.replaceChildren();
      if (answer.status !== 204 && !text.startsWith('<div class="moments"')) return false;
      const sent = new DOMParser().parseFromString(text, "text/html").querySelectorAll(".moment");
      quiet = take(since, [...sent]) ? 0 : quiet + 1;
      missed = 0;
      return true;
    };

    const ask = async () => {
      if (document.hidden || asking || stopped) return;
      asking = true;
      const since = known();
      try {
        const url = `${location.pathname}?since=${encodeURIComponent(since)}`;
        const answer = await fetch(url, { cache: "no-cache", signal: AbortSignal.timeout?.(PATIENCE) });
        if (answer.status >= 500 || answer.status === 429) throw new Error(answer.statusText);
        stopped = !hear(since, answer, answer.status === 200 ? await answer.text() : "");
        failures = 0;
      } catch {
        failures += 1;
      }
      asking = false;
      tellStatus();
      if (!stopped) askIn(rest());
    };

    const keyEvents = document.querySelector(".key-events ol");
    const keyEvent = ({ id }) => keyEvents?.querySelector(`a[href="#${id}"]`);

    const addKeyEvent = (moment) => {
      if (!keyEvents || !moment.classList.contains("key") || keyEvent(moment)) return;
      const entry = document.createElement("li");
      const target = document.createElement("a");
      const words = document.createElement("span");
      const time = moment.querySelector("time")?.cloneNode(true);
      target.href = `#${moment.id}`;
      words.textContent = moment.querySelector("h3").textContent;
      target.append(...(time ? [time, " "] : []), words);
      entry.append(target);
      keyEvents.prepend(entry);
    };

    button.addEventListener("click", () => {
      const first = waiting.firstElementChild;
      for (const moment of moments.querySelectorAll(":scope > [data-gone]")) {
        keyEvent(moment)?.closest("li").remove();
        moment.remove();
      }
      for (const moment of [...waiting.children].reverse()) addKeyEvent(moment);
      moments.prepend(waiting);
      tellStatus();
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
    });
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      if (!document.hidden && !stopped) timer = setTimeout(ask, Math.max(0, due - Date.now()) + Math.random() * 2_000);
    });
    askIn(rest());
  }
})();
