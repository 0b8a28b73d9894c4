// The parts of the console that compute: decimals, rounding, prices by tiers, CSV. Expected values are Python's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { csvText } from "../../gateway/console/dom.js";
import { Decimal, shifted, span } from "../../gateway/console/format.js";
import { amountOf } from "../../gateway/console/view_agreement.js";
import { scaled } from "../../gateway/console/view_device.js";

const python = (program, input) => JSON.parse(execFileSync("/usr/bin/python3", ["-c", program], { encoding: "utf8", input: JSON.stringify(input) }));

const DIVIDE = `
import decimal, json, sys
decimal.getcontext().prec = 90
names = {"HALF_UP": decimal.ROUND_HALF_UP, "HALF_EVEN": decimal.ROUND_HALF_EVEN, "DOWN": decimal.ROUND_DOWN, "UP": decimal.ROUND_UP}
D = decimal.Decimal
print(json.dumps([format((D(a) / D(b)).quantize(D("0.01"), names[how]), "f") for a, b, how in json.load(sys.stdin)]))
`;

test("divisions are rounded as agreements say", () => {
  const cases = [];
  for (const a of ["0", "1", "0.005", "0.015", "-0.005", "-0.015", "2.675", "1e2", "161448", "99999999999999999999.995", "-7.001", "0.0049"])
    for (const b of ["1", "3", "1000", "0.25"])
      for (const how of ["HALF_UP", "HALF_EVEN", "DOWN", "UP"]) if (!a.includes("e")) cases.push([a, b, how]);
  const expected = python(DIVIDE, cases);
  cases.forEach(([a, b, how], index) => {
    const found = String(Decimal.of(a).over(Decimal.of(b), 2, how));
    assert.equal(found, expected[index].replace(/^-(0\.00)$/, "$1"), `${a} / ${b} ${how}`);
  });
});

test("sums and products are exact", () => {
  assert.equal(String(Decimal.of("0.1").plus(Decimal.of("0.2"))), "0.3");
  assert.equal(String(Decimal.of("-0.05").minus(Decimal.of("1"))), "-1.05");
  assert.equal(String(Decimal.of("123456789012345678.9").times(Decimal.of("0.001"))), "123456789012345.6789");
  for (const text of ["", "1e3", "0x10", "1,5", "--1", ".", "1.", "NaN", "9".repeat(31)]) assert.throws(() => Decimal.of(text), RangeError, text);
});

test("a quantity is priced by the tiers that it reaches", () => {
  const line = { base: "1000", prices: [{ from: "0", price: "0.24567" }, { from: "300000", price: "0.19999" }] };
  const amounts = (quantity) => amountOf(line, Decimal.of(quantity), "HALF_UP").map((each) => `${each.part}: ${each.amount}`);
  assert.deepEqual(amounts("0"), ["0: 0.00", "0: 0.00"]);
  assert.deepEqual(amounts("300000"), ["300000: 73.70", "0: 0.00"]);  // 73.701
  assert.deepEqual(amounts("300001.5"), ["300000: 73.70", "1.5: 0.00"]);
  assert.deepEqual(amounts("425000"), ["300000: 73.70", "125000: 25.00"]);  // 24.99875
});

test("readings are shown with their scale", () => {
  assert.deepEqual([scaled("1234", -2), scaled("-5", -3), scaled("7", 2), scaled("0", 0)], ["12.34", "-0.005", "700", "0"]);
});

test("CSV keeps text as text", () => {
  assert.equal(csvText([['a,"b"', "x\ny", "=SUM(A1)", "+1", "@x", "-x", "-1.5", "plain"]]), '"a,""b""","x\ny",\'=SUM(A1),\'+1,\'@x,\'-x,-1.5,plain\r\n');
});

test("dates and spans", () => {
  assert.deepEqual([shifted("2026-03-01", -1), shifted("2028-02-28", 1), shifted("2026-12-31", 1)], ["2026-02-28", "2028-02-29", "2027-01-01"]);
  assert.deepEqual([span(59), span(7199), span(7200), span(172800)], ["59 s", "119 min", "2 h", "2 days"]);
});
