// Made by `tally contract types config --language typescript`: change the contract's declaration, not this file.

export interface ConfigProposeArguments {
  base: string;  // SHA-256 of the configuration that is to be changed, hex
  config: string;  // SHA-256 of the proposed one, hex
  text: string;  // the proposed configuration, as `config.show` writes it
  note?: string;  // why
}

export interface OfProposal {
  config: string;  // SHA-256 of the proposed configuration, hex
}

export interface ContractVersion {
  contract: string;
  version: number;
  manifest?: string;
}

export interface Versions {
  rules: number;
  contracts?: Array<ContractVersion>;
}

export interface ConfigApproveArguments {
  base: string;  // SHA-256 of the configuration that is to be changed, hex
  config: string;  // SHA-256 of the proposed one, hex
  expires_ms: number;  // the approval counts in blocks before this time, milliseconds since 1970
  knows: Versions;  // the levels of rules and versions of contracts that the approver's node knows
}

export interface Approved {
  config: string;  // the proposed configuration
  expires_ms: number;  // until when the approval counts
}

export interface ConfigWithdrawArguments {
  config: string;  // SHA-256 of the proposed configuration, hex
}

export type ConfigShowArguments = Record<string, never>;

export interface Shown {
  hash: string;  // SHA-256 of the text
  version: number;  // how often the configuration was changed
  text: string;  // the configuration in force, JSON
}

export interface ConfigGetArguments {
  config: string;  // SHA-256 of the proposed configuration, hex
}

export interface ApprovalView {
  expired: boolean;  // whether it counts no more
  organization: string;
  name: string;
  transaction: string;
  time_ms: number;
  expires_ms: number;
}

export interface ProposalView {
  config: string;  // its hash
  open: boolean;  // false: the configuration has changed since, and it is void
  enough: boolean;  // whether it may be applied
  note: string;  // why
  organization: string;  // who proposed it
  name: string;  // and its admin
  time_ms: number;  // when
  approvals?: Array<ApprovalView>;  // who approves it
  text?: string;  // the proposed configuration (config.get)
}

export interface ConfigProposalsArguments {
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface ProposalPage {
  needed: string;  // the policy that approvals must satisfy
  base: string;  // hash of the configuration in force
  proposals?: Array<ProposalView>;  // those that are open
  next?: string;  // the next page's cursor
}

/** Every function by its full name. */
export interface Functions {
  /** Proposes another configuration */
  "config.propose": { writes: true; arguments: ConfigProposeArguments; answer: OfProposal };
  /** Approves a proposed configuration */
  "config.approve": { writes: true; arguments: ConfigApproveArguments; answer: Approved };
  /** Withdraws a configuration that the caller's organization proposed */
  "config.withdraw": { writes: true; arguments: ConfigWithdrawArguments; answer: OfProposal };
  /** The configuration as it is */
  "config.show": { writes: false; arguments: ConfigShowArguments; answer: Shown };
  /** One proposed configuration and who approves it */
  "config.get": { writes: false; arguments: ConfigGetArguments; answer: ProposalView };
  /** What is proposed and who approves it */
  "config.proposals": { writes: false; arguments: ConfigProposalsArguments; answer: ProposalPage };
}
