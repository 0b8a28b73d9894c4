# Made by `tally contract types config --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

ConfigProposeArguments = TypedDict("ConfigProposeArguments", {
    "base": Required[str],  # SHA-256 of the configuration that is to be changed, hex
    "config": Required[str],  # SHA-256 of the proposed one, hex
    "text": Required[str],  # the proposed configuration, as `config.show` writes it
    "note": str,  # why
}, total=False)

OfProposal = TypedDict("OfProposal", {
    "config": Required[str],  # SHA-256 of the proposed configuration, hex
}, total=False)

ContractVersion = TypedDict("ContractVersion", {
    "contract": Required[str],
    "version": Required[int],
    "manifest": str,
}, total=False)

Versions = TypedDict("Versions", {
    "rules": Required[int],
    "contracts": List[ContractVersion],
}, total=False)

ConfigApproveArguments = TypedDict("ConfigApproveArguments", {
    "base": Required[str],  # SHA-256 of the configuration that is to be changed, hex
    "config": Required[str],  # SHA-256 of the proposed one, hex
    "expires_ms": Required[int],  # the approval counts in blocks before this time, milliseconds since 1970
    "knows": Required[Versions],  # the levels of rules and versions of contracts that the approver's node knows
}, total=False)

Approved = TypedDict("Approved", {
    "config": Required[str],  # the proposed configuration
    "expires_ms": Required[int],  # until when the approval counts
}, total=False)

ConfigWithdrawArguments = TypedDict("ConfigWithdrawArguments", {
    "config": Required[str],  # SHA-256 of the proposed configuration, hex
}, total=False)

ConfigShowArguments = TypedDict("ConfigShowArguments", {})

Shown = TypedDict("Shown", {
    "hash": Required[str],  # SHA-256 of the text
    "version": Required[int],  # how often the configuration was changed
    "text": Required[str],  # the configuration in force, JSON
}, total=False)

ConfigGetArguments = TypedDict("ConfigGetArguments", {
    "config": Required[str],  # SHA-256 of the proposed configuration, hex
}, total=False)

ApprovalView = TypedDict("ApprovalView", {
    "expired": Required[bool],  # whether it counts no more
    "organization": Required[str],
    "name": Required[str],
    "transaction": Required[str],
    "time_ms": Required[int],
    "expires_ms": Required[int],
}, total=False)

ProposalView = TypedDict("ProposalView", {
    "config": Required[str],  # its hash
    "open": Required[bool],  # false: the configuration has changed since, and it is void
    "enough": Required[bool],  # whether it may be applied
    "note": Required[str],  # why
    "organization": Required[str],  # who proposed it
    "name": Required[str],  # and its admin
    "time_ms": Required[int],  # when
    "approvals": List[ApprovalView],  # who approves it
    "text": str,  # the proposed configuration (config.get)
}, total=False)

ConfigProposalsArguments = TypedDict("ConfigProposalsArguments", {
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

ProposalPage = TypedDict("ProposalPage", {
    "needed": Required[str],  # the policy that approvals must satisfy
    "base": Required[str],  # hash of the configuration in force
    "proposals": List[ProposalView],  # those that are open
    "next": str,  # the next page's cursor
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "config.propose": (ConfigProposeArguments, OfProposal),  # Proposes another configuration
    "config.approve": (ConfigApproveArguments, Approved),  # Approves a proposed configuration
    "config.withdraw": (ConfigWithdrawArguments, OfProposal),  # Withdraws a configuration that the caller's organization proposed
    "config.show": (ConfigShowArguments, Shown),  # The configuration as it is
    "config.get": (ConfigGetArguments, ProposalView),  # One proposed configuration and who approves it
    "config.proposals": (ConfigProposalsArguments, ProposalPage),  # What is proposed and who approves it
}
