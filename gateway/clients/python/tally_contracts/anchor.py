# Made by `tally contract types anchor --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

AnchorPutArguments = TypedDict("AnchorPutArguments", {
    "block": Required[int],  # the last block that the checkpoint covers
    "block_hash": Required[str],  # its hash, hex
    "tree_size": Required[int],  # leaves of the channel's transaction log
    "root": Required[str],  # the log's root, hex
    "consistency": List[str],  # RFC 9162 consistency proof from the organization's last anchored checkpoint, hex
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
}, total=False)

Anchored = TypedDict("Anchored", {
    "channel": Required[str],  # the channel's name
    "block": Required[int],  # the block that is anchored now
}, total=False)

AnchorOpenArguments = TypedDict("AnchorOpenArguments", {})

AnchoredChannel = TypedDict("AnchoredChannel", {
    "channel": Required[str],
    "genesis": Required[str],
    "genesis_ms": Required[int],
    "organizations": List[str],
}, total=False)

AnchorChangeMembersArguments = TypedDict("AnchorChangeMembersArguments", {
    "organizations": Required[List[str]],  # all that shall be the channel's members
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
}, total=False)

MembersChanged = TypedDict("MembersChanged", {
    "changed": Required[bool],  # whether enough members have said the same
}, total=False)

AnchorChannelArguments = TypedDict("AnchorChannelArguments", {
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
}, total=False)

AnchorLatestArguments = TypedDict("AnchorLatestArguments", {
    "channel": Required[str],  # the channel's name
    "genesis": str,  # only of the channel with this block 0, hex
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

AnchorView = TypedDict("AnchorView", {
    "genesis": Required[str],  # the hash of the channel's block 0
    "organization": Required[str],  # whose checkpoint it is
    "block": Required[int],  # the last block that the checkpoint covers
    "block_hash": Required[str],  # its hash, hex
    "tree_size": Required[int],  # leaves of the channel's transaction log
    "root": Required[str],  # the log's root, hex
    "time_ms": Required[int],  # when it was anchored
}, total=False)

LatestPage = TypedDict("LatestPage", {
    "channel": Required[str],  # the channel's name
    "anchors": List[AnchorView],  # each organization's newest one
    "next": str,  # the next page's cursor
}, total=False)

AnchorHistoryArguments = TypedDict("AnchorHistoryArguments", {
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
    "from_block": int,  # the first block (default 0)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

HistoryPage = TypedDict("HistoryPage", {
    "channel": Required[str],  # the channel's name
    "anchors": List[AnchorView],  # by block
    "disagreements": List[int],  # blocks for which organizations have anchored different roots
    "next": str,  # the next page's cursor
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "anchor.put": (AnchorPutArguments, Anchored),  # Anchors a checkpoint that continues the organization's last one
    "anchor.open": (AnchorOpenArguments, AnchoredChannel),  # Opens another channel here, by its genesis block
    "anchor.change_members": (AnchorChangeMembersArguments, MembersChanged),  # States who a channel's members are now; more than half of them decide
    "anchor.channel": (AnchorChannelArguments, Optional[AnchoredChannel]),  # An open channel and its organizations, or null
    "anchor.latest": (AnchorLatestArguments, LatestPage),  # Each organization's newest anchor of a channel
    "anchor.history": (AnchorHistoryArguments, HistoryPage),  # Every anchor of a channel, and where organizations disagree
}
