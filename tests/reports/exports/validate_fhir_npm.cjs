// Validates bundles with npm `fhir`: node validate_fhir_npm.cjs BUNDLES.json → a JSON list of errors a bundle on stdout.
// What it says of codes is left out: it knows no LOINC and no SNOMED CT.
const { readFileSync } = require("fs");
const { Fhir } = require("fhir");

const bundles = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const fhir = new Fhir();
console.log(JSON.stringify(bundles.map((bundle) => [...faults(bundle)])));

function* faults(bundle) {
  for (const resource of [bundle, ...bundle.entry.map((entry) => entry.resource)]) {
    const whole =
      resource === bundle ? { ...bundle, entry: bundle.entry.map(({ resource: _, ...rest }) => rest) } : resource;
    for (const message of fhir.validate(whole, { errorOnUnexpected: true }).messages) {
      if (message.severity === "error") yield `${message.location}: ${message.message}`;
    }
  }
}
