// What Tidepool's own DataUtil makes of an export: node validate_tidepool.cjs ITEMS.json SINCE UNTIL → JSON on stdout
// with the number of valid items it would draw, by type, and the latest glucose of each source in mg/dL.
const log = console.log;
console.log = () => {};
const { readFileSync } = require("fs");
const { DataUtil } = require("@tidepool/viz/dist/data.js");

const util = new DataUtil();
const taken = util.addData(JSON.parse(readFileSync(process.argv[2], "utf-8")), "patient", true);
const latest = taken.metaData.latestDatumByType;
const answer = util.query({
  endpoints: [Date.parse(process.argv[3]), Date.parse(process.argv[4])],
  timePrefs: { timezoneAware: true, timezoneName: "Europe/Berlin" },
  types: { cbg: {}, smbg: {}, insulin: {}, bolus: {}, food: {}, physicalActivity: {} },
});
const drawn = Object.entries(answer.data.current.data).map(([type, data]) => [type, data.length]);
log(JSON.stringify({ valid: Object.fromEntries(drawn), latest: { cbg: latest.cbg?.value, smbg: latest.smbg?.value } }));
