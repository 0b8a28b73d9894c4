"""Transactions as nodes order them (docs/formats.md): a proposal, a simulation, endorsements."""

import struct

from tally.formats import sha256, sign

CONTRACT, CONFIGURATION = 1, 2


def string(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<I", len(data)) + data


def strings(values):
    return struct.pack("<I", len(values)) + b"".join(map(string, values))


def simulation(transaction_id, contract, function, *, version=1, result="{}"):
    """What executing a proposal gave, when it read and wrote nothing."""
    identifier = bytes.fromhex(transaction_id) if isinstance(transaction_id, str) else transaction_id
    return (identifier + string(contract) + struct.pack("<I", version) + string(function) + string(result)
            + struct.pack("<5I", 0, 0, 0, 0, 0))  # events, reads, ranges, writes, increments


def transaction(proposal, simulated, endorsements=(), kind=CONTRACT):
    """`endorsements`: pairs of a certificate (DER) and a signature."""
    return (bytes([kind]) + string(proposal) + string(simulated) + struct.pack("<I", len(endorsements))
            + b"".join(string(certificate) + string(signature) for certificate, signature in endorsements))


def endorsement_statement(channel, simulated):
    return string("tally/endorsement/v1") + string(channel) + sha256(simulated)


def endorse(key, certificate, simulated, channel="main"):
    return certificate, sign(key, endorsement_statement(channel, simulated))


def config_update(channel, config, approvals):
    return string(channel) + string(config) + strings(approvals)
