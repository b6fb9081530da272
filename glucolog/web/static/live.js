// Glucose as it comes: events, else asking every few seconds. What stands is the server's to say; only what is new sounds.
import { button, one, post } from "./dom.js";

const SOUND = "glucolog-sound", HEARD = "glucolog-heard";
let audio;

function unmute() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

function beep() {
  if (audio?.state !== "running") return;
  const tone = audio.createOscillator(), loud = audio.createGain();
  tone.frequency.value = 880;
  loud.gain.value = 0.2;
  tone.connect(loud).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.6);
}

export function live() {
  const card = one("[data-live]");
  if (!card) return;
  const title = document.title, ask = one(".asksound", card), heard = new Set(JSON.parse(sessionStorage.getItem(HEARD) ?? "[]"));
  let sound = sessionStorage.getItem(SOUND) === "on";
  // A page may only sound after a touch; the next one, wherever it lands, is enough.
  if (sound) addEventListener("pointerdown", unmute, { once: true });
  one("[data-sound]", card).addEventListener("click", () => {
    unmute();
    sound = true;
    sessionStorage.setItem(SOUND, "on");
    ask.hidden = true;
    navigator.wakeLock?.request("screen").catch(() => {}); // the battery may forbid it; the alarms go on
  });
  const ring = (alarms) => {
    const fresh = alarms.filter((alarm) => !heard.has(alarm.id) && !alarm.quiet);
    fresh.forEach((alarm) => heard.add(alarm.id));
    if (!fresh.length) return;
    sessionStorage.setItem(HEARD, JSON.stringify([...heard].slice(-50)));
    if (sound) { beep(); document.title = `(!) ${fresh[0].reason}`; }
  };
  const line = (alarm) => {
    const made = document.createElement("p"), words = document.createElement("b"), at = document.createElement("span");
    made.className = "alarm";
    made.dataset.alarm = alarm.id;
    words.textContent = alarm.reason;
    at.className = "quiet";
    at.textContent = ` ${alarm.at}${alarm.quiet ? `, ${alarm.quiet}` : ""} `;
    made.append(words, at);
    if (!alarm.quiet) made.append(button("Quiet for 15 min", (event) => snooze(event.target, alarm.kind)));
    return made;
  };
  let painted, newest;
  const paint = (found) => {
    newest = found;
    card.classList.remove("old");
    one(".value", card).textContent = found.glucose ?? "";
    one(".arrow", card).textContent = found.arrow;
    if (found.glucose) one(".said", card).textContent = `${found.trend}, ${found.age}, ${found.at}`;
    one(".feeds", card).textContent = found.feeds;
    ask.hidden = sound || !found.glucose;
    const now = JSON.stringify(found.alarms);
    if (now !== painted) one(".alarms", card).replaceChildren(...found.alarms.map(line));
    painted = now;
    ring(found.alarms);
  };
  const snooze = async (place, kind) => {
    const answer = await post(`${card.dataset.live}/snooze`, { person: document.body.dataset.person, kind }).catch(() => null);
    place.replaceWith(answer?.ok ? "Quiet, unless it gets worse." : "That did not work. Try again.");
  };
  const lost = () => {
    card.classList.add("old");
    one(".arrow", card).textContent = "";
    one(".said", card).textContent = newest ? `is old, from ${newest.at}: glucolog does not answer` : "glucolog does not answer";
  };
  addEventListener("focus", () => { document.title = title; });
  let timer;
  const poll = async () => {
    try { paint(await (await fetch(card.dataset.live)).json()); } catch { lost(); }
  };
  const polling = () => { timer ??= setInterval(poll, 10_000); poll(); };
  if (!window.EventSource) return polling();
  const events = new EventSource(`${card.dataset.live}/stream`);
  events.onmessage = (event) => paint(JSON.parse(event.data));
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) polling(); else lost(); };
  addEventListener("pagehide", () => events.close());
}
