// A session goes on without a connection: its next form is at hand before it is needed, in this page and, where the
// browser allows a service worker, after closing it. Of the log nothing is kept but which session runs since when.
import { SHOWN, all, now, one, show } from "./dom.js";
import { KEPT } from "./waiting.js";

const RUNNING = "glucolog-running";
const PATIENCE_MS = 6000;
const atHand = new Map();

async function fetched(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS), headers: { Accept: "text/html" } });
  return { url: answer.url, text: await answer.text(), ok: answer.ok };
}

// Forms that are wanted in a moment, each with the id of its write in its address.
async function prepare() {
  const soon = all("template").flatMap((each) => all("a[data-ahead]", each.content));
  for (const link of [...all("a[data-ahead]"), ...soon]) {
    const address = link.getAttribute("href");
    if (atHand.has(address)) continue;
    try {
      const found = await fetched(address);
      if (found.ok) atHand.set(address, found);
    } catch { return; /* no connection: there is nothing to prepare with */ }
  }
}

async function follow(event) {
  const link = event.target.closest("a[data-ahead]"), ready = link && atHand.get(link.getAttribute("href"));
  if (!ready || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    await fetch(link.href, { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) });
    location.assign(link.href);
  } catch {
    show(ready.text, new URL(ready.url).pathname + new URL(ready.url).search);
  }
}

// Which session runs, as this device knows it: what the page says, or a start that waits to be sent.
const running = () => JSON.parse(localStorage.getItem(RUNNING) ?? "null");
function remember(found) {
  if (found) localStorage.setItem(RUNNING, JSON.stringify(found));
  else localStorage.removeItem(RUNNING);
}

function note() {
  const { person, name, unit } = document.body.dataset, timer = one("main > .running .timer");
  if (!person || document.body.dataset.away) return;
  if (timer) remember({ person, name, unit, since: Number(timer.dataset.since) });
  else if (running()?.person === person && one("[data-today]")) remember(null);
}

function kept({ detail: { to, body } }) {
  const { person, name, unit } = document.body.dataset;
  if (/\/after(\?|$)/.test(to)) return remember(null);
  if (!/\/start$/.test(to)) return;
  const since = Date.parse(body.find(([field]) => field === "when")?.[1] ?? "") / 1000;
  if (!since) return;
  remember({ person, name, unit, since });
  const card = one("template#started")?.content.cloneNode(true);
  if (!card) return;
  one(".timer", card).dataset.since = since;
  one(".timer", card).dataset.now = now() / 1000;
  one("main").replaceChildren(card);
  document.dispatchEvent(new Event(SHOWN));
}

// The page that stands in for every other while nothing answers.
function standIn() {
  if (!document.body.dataset.away) return;
  one("[data-again]").addEventListener("click", () => location.reload());
  const found = running(), card = one("[data-running]");
  if (!found) return;
  const form = one("form", card), at = `/p/${encodeURIComponent(found.person)}`;
  card.hidden = false;
  one("bdi", card).textContent = found.name;
  Object.assign(one(".timer", card).dataset, { since: found.since, now: now() / 1000 });
  form.elements.person.value = found.person;
  form.action = `${at}/after?form=${crypto.randomUUID()}`;
  one(".unit", form).textContent = found.unit;
}

export function begin() {
  standIn();
  note();
  prepare();
  document.addEventListener("click", follow);
  document.addEventListener(KEPT, kept);
  addEventListener("pageshow", async (event) => {
    if (event.persisted) await fetch(location.href, { method: "HEAD" }).then(() => location.reload(), () => {});
  });
  // Browsers refuse a worker where they only put up with the certificate; the page then helps itself as above.
  if (isSecureContext && navigator.serviceWorker && document.body.dataset.person) navigator.serviceWorker.register("/worker.js").catch(() => {});
}
