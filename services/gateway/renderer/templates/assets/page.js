// What pages do beyond what they can do without script: the link back to the top floats once the masthead is out of sight,
// scrolls smoothly for those who like motion, and takes the focus along; a picture that does not arrive leaves its
// words in a quiet frame, as one that the newsroom could not send does; the site is told that a story was read: its path
// and, if it was reached from this site, that page's, and nothing of the reader. Who asks not to be tracked is not counted.
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
})();
