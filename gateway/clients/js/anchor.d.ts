// Made by `tally contract types anchor --language typescript`: change the contract's declaration, not this file.

export interface AnchorPutArguments {
  block: number;  // the last block that the checkpoint covers
  block_hash: string;  // its hash, hex
  tree_size: number;  // leaves of the channel's transaction log
  root: string;  // the log's root, hex
  consistency?: Array<string>;  // RFC 9162 consistency proof from the organization's last anchored checkpoint, hex
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
}

export interface Anchored {
  channel: string;  // the channel's name
  block: number;  // the block that is anchored now
}

export type AnchorOpenArguments = Record<string, never>;

export interface AnchoredChannel {
  channel: string;
  genesis: string;
  genesis_ms: number;
  organizations?: Array<string>;
}

export interface AnchorChangeMembersArguments {
  organizations: Array<string>;  // all that shall be the channel's members
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
}

export interface MembersChanged {
  changed: boolean;  // whether enough members have said the same
}

export interface AnchorChannelArguments {
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
}

export interface AnchorLatestArguments {
  channel: string;  // the channel's name
  genesis?: string;  // only of the channel with this block 0, hex
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface AnchorView {
  genesis: string;  // the hash of the channel's block 0
  organization: string;  // whose checkpoint it is
  block: number;  // the last block that the checkpoint covers
  block_hash: string;  // its hash, hex
  tree_size: number;  // leaves of the channel's transaction log
  root: string;  // the log's root, hex
  time_ms: number;  // when it was anchored
}

export interface LatestPage {
  channel: string;  // the channel's name
  anchors?: Array<AnchorView>;  // each organization's newest one
  next?: string;  // the next page's cursor
}

export interface AnchorHistoryArguments {
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
  from_block?: number;  // the first block (default 0)
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface HistoryPage {
  channel: string;  // the channel's name
  anchors?: Array<AnchorView>;  // by block
  disagreements?: Array<number>;  // blocks for which organizations have anchored different roots
  next?: string;  // the next page's cursor
}

/** Every function by its full name. */
export interface Functions {
  /** Anchors a checkpoint that continues the organization's last one */
  "anchor.put": { writes: true; arguments: AnchorPutArguments; answer: Anchored };
  /** Opens another channel here, by its genesis block */
  "anchor.open": { writes: true; arguments: AnchorOpenArguments; answer: AnchoredChannel };
  /** States who a channel's members are now; more than half of them decide */
  "anchor.change_members": { writes: true; arguments: AnchorChangeMembersArguments; answer: MembersChanged };
  /** An open channel and its organizations, or null */
  "anchor.channel": { writes: false; arguments: AnchorChannelArguments; answer: AnchoredChannel | null };
  /** Each organization's newest anchor of a channel */
  "anchor.latest": { writes: false; arguments: AnchorLatestArguments; answer: LatestPage };
  /** Every anchor of a channel, and where organizations disagree */
  "anchor.history": { writes: false; arguments: AnchorHistoryArguments; answer: HistoryPage };
}
