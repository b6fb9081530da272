// Validates a bundle with npm `fhir`: node validate_fhir_npm.cjs BUNDLE.json → a JSON list of errors on stdout.
// What it says of codes is left out: it knows no LOINC and no SNOMED CT.
const { readFileSync } = require("fs");
const { Fhir } = require("fhir");

const bundle = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const fhir = new Fhir();
const errors = [];
for (const resource of [bundle, ...bundle.entry.map((entry) => entry.resource)]) {
  const whole = resource === bundle ? { ...bundle, entry: bundle.entry.map(({ resource: _, ...rest }) => rest) } : resource;
  for (const message of fhir.validate(whole, { errorOnUnexpected: true }).messages) {
    if (message.severity === "error") errors.push(`${message.location}: ${message.message}`);
  }
}
console.log(JSON.stringify(errors));
