import { SHOWN, all, one, show } from "./dom.js";
import * as away from "./away.js";
import { live } from "./live.js";
import * as waiting from "./waiting.js";

document.documentElement.classList.add("js");

// Keys for a number: what a shaky thumb hits.
function pads() {
  for (const pad of all(".pad")) {
    const input = document.getElementById(pad.dataset.for);
    if (matchMedia("(pointer: coarse)").matches) input.inputMode = "none";
    pad.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]")?.dataset.key;
      if (!key) return;
      if (key === "back") input.value = input.value.length > 1 && isNaN(Number(input.value.at(-1))) && input.value.at(-1) !== "," ? "" : input.value.slice(0, -1);
      else if (key.length > 1) input.value = key;
      else input.value = (isNaN(Number(input.value.replace(",", "."))) ? "" : input.value) + key;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

// The map and the list are one choice.
function maps() {
  const list = all('input[name="areas"]');
  if (!list.length) return;
  const paint = () => {
    for (const box of list) for (const path of all(`[data-tap] [data-area="${CSS.escape(box.value)}"]`)) path.classList.toggle("picked", box.checked);
  };
  for (const map of all("[data-tap]")) {
    map.addEventListener("click", (event) => {
      const value = event.target.closest("[data-area]")?.dataset.area;
      const box = list.find((each) => each.value === value);
      if (box) { box.checked = !box.checked; paint(); }
    });
  }
  list.forEach((box) => box.addEventListener("change", paint));
  paint();
}

function feet() {
  const paint = () => all(".foot select").forEach((each) => one(`[data-region="${each.name}"]`)?.classList.toggle("on", Boolean(each.value)));
  all(".foot select").forEach((each) => each.addEventListener("change", paint));
  paint();
}

function timers() {
  for (const timer of all(".timer")) {
    const skew = Number(timer.dataset.now) * 1000 - Date.now(), shown = one(".clock", timer);
    const tick = () => {
      const s = Math.max(0, Math.floor((Date.now() + skew) / 1000 - Number(timer.dataset.since)));
      const two = (n) => String(n).padStart(2, "0");
      shown.textContent = `${s >= 3600 ? `${Math.floor(s / 3600)}:` : ""}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
    };
    tick();
    setInterval(tick, 1000);
  }
}

// Files dropped anywhere on the form; the bar shows how far they are.
function drops() {
  for (const form of all("form[data-drop]")) {
    const input = one("input[type=file]", form);
    for (const kind of ["dragover", "dragleave", "drop"]) {
      form.addEventListener(kind, (event) => { event.preventDefault(); form.classList.toggle("over", kind === "dragover"); });
    }
    form.addEventListener("drop", (event) => { input.files = event.dataTransfer.files; form.requestSubmit(); });
    form.addEventListener("submit", (event) => {
      if (!input.files.length) return;
      event.preventDefault();
      const bar = one("progress", form), told = one(".told", form), request = new XMLHttpRequest();
      bar.hidden = false;
      request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / total; told.textContent = loaded < total ? "Sending …" : "Reading …"; });
      request.addEventListener("load", () => (request.responseURL.endsWith("/import") ? show(request.responseText) : location.assign(request.responseURL)));
      request.addEventListener("error", () => { told.textContent = "The files could not be sent. Nothing was stored; try again."; });
      request.open("POST", form.getAttribute("action") || location.pathname);
      request.send(new FormData(form));
    });
  }
  for (const form of all("form[data-progress]")) {
    form.addEventListener("submit", () => {
      const bar = one("progress", form), told = one(".told", form);
      bar.hidden = false;
      told.textContent = "Bringing it in …";
      setInterval(async () => {
        const { done, total } = await (await fetch(form.dataset.progress)).json();
        bar.value = total ? (100 * done) / total : 0;
      }, 400);
    });
  }
}

function pairing() {
  const code = document.getElementById("f-code");
  if (!code || location.hash.length < 5) return;
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}

// The browser knows where the person is; the server only where it stands itself.
function zone() {
  const field = one("[data-zone]"), here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && here.includes("/") && field.value === field.defaultValue) field.value = here;
}

function dress() { pads(); maps(); feet(); timers(); drops(); }

document.addEventListener(SHOWN, dress);
away.begin();
waiting.begin();
dress();
zone();
live();
pairing();
document.getElementById("problems")?.focus();
