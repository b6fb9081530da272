// What every script here needs: finding, making, sending, and showing a page that came as an answer.
export const all = (what, within = document) => [...within.querySelectorAll(what)];
export const one = (what, within = document) => within.querySelector(what);
export const post = (to, body) => fetch(to, { method: "POST", body: new URLSearchParams(body), credentials: "same-origin", headers: { Accept: "text/html" } });
export const SHOWN = "glucolog:shown";

// How far the server's clock is ahead of this one; the page that stands in was kept long ago and knows no time itself.
const AHEAD = "glucolog-ahead", { now: told, person: whose } = document.body.dataset;
const aheadMs = told ? Number(told) * 1000 - Date.now() : Number(localStorage.getItem(AHEAD) ?? 0);
if (told && whose) localStorage.setItem(AHEAD, aheadMs);
export const now = () => new Date(Date.now() + aheadMs);

export function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

export const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

// Put a page's content in place of this one's. `from` is where its form belongs, when it does not say so itself.
export function show(text, from) {
  const page = parsed(text), main = one("main", page);
  document.title = page.title;
  for (const form of from ? all('form[method="post"]', main) : []) if (!form.getAttribute("action")) form.setAttribute("action", from);
  one("main").replaceWith(document.adoptNode(main));
  document.dispatchEvent(new Event(SHOWN));
  (document.getElementById("problems") ?? one("main")).focus();
  scrollTo(0, 0);
}
