// All devices: what the registry says of them, and when each was last heard.

import { get } from "./api.js";
import { address, choice, facts, field, finder, h, link, state, table } from "./dom.js";
import { span, time } from "./format.js";

/** @typedef {import("../clients/js/registry").DevicePage} DevicePage */
/** @typedef {import("../clients/js/data").LivenessPage} LivenessPage */

const PAGE = 200;

/** @type {import("./main.js").View} */
export async function fleetView({ query }) {
  const { shard, organization, status, cursor, heard } = query;
  /** @type {DevicePage} */
  const page = await get(["devices"], { shard, organization, status, cursor, limit: PAGE });
  const devices = page.devices || [];
  const first = devices[0];
  const isOneShard = first && devices.every((each) => each.shard === first.shard && each.organization === first.organization);
  /** @type {LivenessPage | null} */
  const liveness = isOneShard ? await get(["liveness"], { shard: first.shard, organization: first.organization, cursor: heard, limit: PAGE }) : null;
  const known = new Map((liveness?.devices || []).map((each) => [each.device, each]));
  const rows = devices.map((device) => {
    const each = known.get(device.id);
    return [link(["device", device.id]), link(["devices"], { shard: device.shard, organization: device.organization }, device.shard),
      device.organization, state(device.status), device.reason, each ? state(each.state) : "",
      each ? span(each.silent_s) : "", each ? each.missed_keepalives : "", time(each?.last_received_ms)];
  });
  const next = page.next && address(["devices"], { shard, organization, status, cursor: page.next, heard: liveness?.next });
  return [h("h1", null, shard ? `Devices of ${shard}` : "Devices"),
    h("div", { class: "tools" },
      finder((values) => address(["device", values.id]), field("Device id", "id"), h("button", null, "Show")),
      finder((values) => address(["devices"], values), field("Shard", "shard", shard), field("Operator", "organization", organization),
        choice("Status", "status", ["", "ACTIVE", "SUSPENDED", "RETIRED"], status), h("button", null, "List"))),
    facts([["shown", `${devices.length}${page.next ? ", and there are more" : ""}`], ["heard", counts(liveness)],
      ["silent, late", trouble(liveness)]]),
    table("Devices", ["Device", "Shard", "Operator", "Status", "Reason", "Heard", "Silent for", "#Missed keep-alives", "Last record"], rows),
    devices.length && !liveness ? h("p", { class: "note" }, "Choose a shard to see when its devices were last heard.") : "",
    next ? h("p", null, h("a", { href: next }, "Next page")) : ""];
}

/** @param {LivenessPage | null} liveness */
function counts(liveness) {
  /** @type {Map<string, number>} */
  const counted = new Map();
  for (const device of liveness?.devices || []) counted.set(device.state, (counted.get(device.state) || 0) + 1);
  return [...counted].map(([name, count]) => [state(name), ` ${count}  `]);
}

/** @param {LivenessPage | null} liveness */
function trouble(liveness) {
  return (liveness?.devices || []).filter((each) => each.state === "SILENT" || each.state === "LATE").slice(0, 20)
    .map((each) => [link(["device", each.device]), " "]);
}
