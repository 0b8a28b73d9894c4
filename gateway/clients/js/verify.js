// Verifies any file: a receipt, an attested answer, evidence or a sealed invoice.

import { verifyAnswer } from "./answer.js";
import { decode } from "./cbor.js";
import { underOneOf } from "./channel.js";
import { verified } from "./checks.js";
import { verifyEvidence } from "./evidence.js";
import { verifyReceipt } from "./receipt.js";
import { isSealedInvoice, verifySealedInvoice } from "./sealed_invoice.js";
import { isFrame } from "./zstd.js";

/** @typedef {import("./receipt.js").Receipt | import("./answer.js").Answer | import("./evidence.js").Evidence | import("./sealed_invoice.js").SealedInvoice} Proof */

/**
 * What the file proves under one of the configurations, which the caller has from elsewhere.
 * @param {Uint8Array} file @param {...import("./channel.js").Channel} channels
 * @returns {Promise<Proof>} @throws {NotProven} that names the first thing that does not hold
 */
export async function verify(file, ...channels) {
  if (isFrame(file)) return verifyEvidence(file, channels);
  if (isSealedInvoice(file)) return underOneOf(channels, (channel) => verifySealedInvoice(file, channel));
  const parts = await verified("a receipt or an answer", async () => decode(file));
  const isAnswer = parts instanceof Map && String(parts.get(1)).startsWith("tally-answer/");
  return underOneOf(channels, async (channel) => (isAnswer ? verifyAnswer(file, channel) : verifyReceipt(file, channel)));
}
