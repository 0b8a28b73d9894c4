// Signing in with a key that this browser makes: a request for a certificate, and the certificate that answers it.

import { facts, field, h, saveFile } from "./dom.js";
import { forgetMember, makeMember, requestOf, storedMember, storeMember } from "./keys.js";
import { Certificate, pemBlocks } from "./certificates.js";
import { hex } from "./hashes.js";
import { base64 } from "./identity.js";
import { forget } from "./session.js";

/** @type {import("./main.js").View} */
export async function keyView() {
  const member = await storedMember();
  const answer = h("div", { id: "key-answer", "aria-live": "polite" });
  const say = (/** @type {any[]} */ ...parts) => answer.replaceChildren(...parts);
  const fail = (/** @type {unknown} */ error) => say(h("p", { class: "problem", role: "alert" }, error instanceof Error ? error.message : String(error)));
  const leave = async () => {
    forget();
    await forgetMember();
    location.reload();
  };
  return [h("h1", null, "Sign in"),
    h("p", null, "With a token: run ", h("code", null, "tally console open"), " and open the address that it prints. Or with a key that this browser makes and does not give away:"),
    member ? facts([["key of", `${member.organization}/${member.name} (${member.role})`], ["channel", member.channel], ["certificate", member.chain ? "installed" : "not yet"]]) : "",
    member ? existing(member, say, fail) : creation(fail),
    answer,
    h("p", null, h("button", { type: "button", click: leave, id: "leave" }, member ? "Delete the key and sign out" : "Sign out"))];
}

/** @param {(error: unknown) => void} fail */
function creation(fail) {
  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const values = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [organization, name, channel] = ["organization", "name", "channel"].map((key) => String(values.get(key)).trim());
    if (!organization || !name || !channel) return fail("Organization, name and channel are needed.");
    try {
      await storeMember(await makeMember(organization, name, "client", channel));
      location.reload();
    } catch (error) {
      fail(error);
    }
  };
  return h("form", { submit: make, id: "make-key" }, field("Organization", "organization"), field("Your name there", "name"), field("Channel", "channel", "main"), h("button", null, "Make a key"));
}

/** @param {import("./keys.js").Member} member @param {(...parts: any[]) => void} say @param {(error: unknown) => void} fail */
function existing(member, say, fail) {
  const save = async () => saveFile(`${member.name}.csr`, new Blob([await requestOf(member)], { type: "application/pkcs10" }));
  const show = async () => say(h("pre", { class: "scroll", id: "request" }, await requestOf(member)));
  const install = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await installChain(member, String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("chain")));
      forget();
      location.hash = "#/devices";
    } catch (error) {
      fail(error);
    }
  };
  return h("section", null,
    h("p", null, "Send the request to your organization's administrator, who certifies its key with ", h("code", null, "tally identity issue organizations/ORG NAME --role client --csr REQUEST"), " and sends certificate.pem back."),
    h("p", { class: "tools" }, h("button", { type: "button", click: save }, "Save the request"), h("button", { type: "button", click: show, id: "show-request" }, "Show the request")),
    h("form", { submit: install, id: "install-chain" }, h("label", null, "The certificate that came back (PEM)", h("textarea", { name: "chain", rows: 6, cols: 66, spellcheck: "false" })), h("button", null, "Install")));
}

/** @param {import("./keys.js").Member} member @param {string} pem */
async function installChain(member, pem) {
  const chain = pemBlocks(pem);
  if (!chain.length) throw new Error("The text has no certificate in PEM.");
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", member.keys.publicKey));
  if (hex(new Certificate(chain[0]).spki) !== hex(spki)) throw new Error("The certificate is for another key.");
  await storeMember({ ...member, chain: chain.map(base64) });
}
