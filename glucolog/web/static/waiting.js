// Entries that could not be sent wait on this device and are sent again; each carries the id of its write.
import { all, button, now, one, parsed, post, show } from "./dom.js";

const SHELF = "glucolog-waiting";
const EVERY_MS = 5000;
export const KEPT = "glucolog:kept";
const waiting = () => JSON.parse(localStorage.getItem(SHELF) ?? "[]");
let sending = false;

function keep(items) {
  if (items.length) localStorage.setItem(SHELF, JSON.stringify(items));
  else localStorage.removeItem(SHELF);
  tell();
}

const drop = (id) => keep(waiting().filter((item) => item.id !== id));
const put = (item) => keep(waiting().map((each) => (each.id === item.id ? item : each)));

// Say what waits and why; what was refused can be corrected or thrown away.
export function tell() {
  const place = document.getElementById("waiting"), items = waiting();
  if (!place) return;
  place.hidden = !items.length;
  place.replaceChildren();
  const open = items.filter((item) => !item.refused), refused = items.find((item) => item.refused);
  if (open.length) line(place, `Not sent yet: ${open.map((item) => item.label).join(", ")}. ${open.some((item) => item.signedOut) ? "This device is signed out: pair it again, then it is sent." : "Kept on this device; sent again as soon as glucolog answers."}`, button("Try now", () => send()));
  if (refused) line(place, `Not stored: ${refused.label}. ${refused.refused}`, button("Correct it", () => correct(refused)), button("Throw it away", () => drop(refused.id)));
}

function line(place, text, ...buttons) {
  const words = document.createElement("p");
  words.textContent = text;
  place.append(words, ...buttons);
}

export function said(words) {
  const place = document.getElementById("waiting");
  if (waiting().length || !place) return;
  place.hidden = false;
  place.textContent = words;
}

// The page is shown anew after sending, so what was said of it is kept for that page.
const LAST = "glucolog-said";
function sayAgain() {
  const words = sessionStorage.getItem(LAST);
  sessionStorage.removeItem(LAST);
  if (words) said(words);
}

// One tab at a time, where the browser can tell; a write that is sent twice all the same is stored once.
export function send() {
  if (!navigator.locks) return sendAll();
  return navigator.locks.request(SHELF, { ifAvailable: true }, (lock) => (lock ? sendAll() : undefined));
}

async function sendAll() {
  if (sending) return;
  sending = true;
  const before = waiting().length;
  try {
    for (const item of waiting().filter((each) => !each.refused)) if (!(await sendOne(item))) break;
  } catch { /* still no connection: what waits keeps waiting */ } finally { sending = false; }
  if (before && !waiting().length && one("[data-today]")) location.reload();
}

function say(item) {
  const words = `Sent: ${item.label}.`;
  said(words);
  if (one("[data-today]")) sessionStorage.setItem(LAST, words);
}

async function sendOne(item) {
  const answer = await post(item.to, item.body);
  if (answer.status >= 500) return false;
  if (answer.status === 403) { put({ ...item, signedOut: true }); return false; }
  if (answer.ok) { drop(item.id); say(item); return true; }
  const why = one(".complaint li, h1", parsed(await answer.text()))?.textContent.trim().replace(/\s+/g, " ");
  put({ ...item, refused: why ?? "It was refused." });
  return true;
}

async function correct(item) {
  try {
    const answer = await post(item.to, item.body);
    if (answer.ok) { drop(item.id); return location.assign(answer.url); }
    show(await answer.text(), item.to);
  } catch { /* no connection: the list, which is in sight, still holds it */ }
}

// What was refused stays in the list until the corrected form, which is the same write, is stored.
const write = (to, body) => `${to} ${body.find(([field]) => field === "uid")?.[1] ?? ""}`;
function settle(to, body) {
  if (waiting().length) keep(waiting().filter((item) => write(item.to, item.body) !== write(to, body)));
}

export async function submit(event) {
  const form = event.target;
  if (!form.matches("form[data-keep], form[data-ask]") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const data = new FormData(form, event.submitter), body = [...data.entries()].filter(([, value]) => typeof value === "string");
  const to = form.getAttribute("action") || location.pathname + location.search, buttons = all("button", form);
  buttons.forEach((each) => { each.disabled = true; });
  try {
    const answer = await post(to, body);
    if (answer.redirected) { settle(to, body); return location.assign(answer.url); }
    show(await answer.text(), to);
  } catch {
    if (form.dataset.keep) return keepForm(form, to, body);
    said("glucolog does not answer. What you typed stays here; try again.");
  } finally {
    delete form.dataset.busy;
    buttons.forEach((each) => { each.disabled = false; });
  }
}

function keepForm(form, to, body) {
  stamp(form, body);
  keep([...waiting(), { id: `${Date.now()}-${Math.random()}`, to, body, label: form.dataset.keep }]);
  form.replaceChildren(Object.assign(document.createElement("p"), { textContent: "Kept on this device. You can go on; it is sent as soon as glucolog answers." }));
  document.dispatchEvent(new CustomEvent(KEPT, { detail: { to, body } }));
  document.getElementById("waiting").scrollIntoView();
}

// "Now" means the moment of the tap, not that of the sending; the server's clock counts.
function stamp(form, body) {
  const name = form.elements.when ? "when" : form.elements.end ? "end" : form.matches('[action$="/start"]') ? "when" : null;
  const typed = body.find(([field]) => field === name), at = new Date(now() - 1000).toISOString();
  if (name && !typed) body.push([name, at]);
  else if (typed && !typed[1].trim()) typed[1] = at;
}

export function begin() {
  document.addEventListener("submit", submit);
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-signout]")) localStorage.clear(); });
  addEventListener("online", send);
  addEventListener("storage", tell);
  setInterval(() => { if (waiting().length) send(); }, EVERY_MS);
  tell();
  sayAgain();
  send();
}
