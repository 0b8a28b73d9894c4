#pragma once
// What the OCMF records of one meter prove: its sessions and fiscal readings, computed again from what it signed.
//
// A record counts when its transaction is VALID, when the meter's signature verifies under the key that was the
// meter's when the record came, and when the contract's verdicts follow from it. A session counts when it follows from
// the records with its beginning and its end. The ledger alone knows that another record has the same page, and that
// sessions overlap; for these its answer is taken, which can only refuse a session.
// One thread.

#include <map>
#include <tuple>

#include "chaincode/contracts/data/ocmf.h"
#include "node/channel/device_keys.h"

namespace tally::node {

class OcmfEvidence {
  public:
    // `keys` must outlive it.
    OcmfEvidence(std::string device, const DeviceKeys& keys) : device_(std::move(device)), keys_(keys) {}

    // Of a VALID transaction. bad_proof when it publishes no OCMF record of this meter, or one that is there already;
    // bad_signature; malformed.
    [[nodiscard]] Status add(const ReceiptFacts& facts);

    [[nodiscard]] bool has(const std::string& content_id) const { return records_.contains(content_id); }
    [[nodiscard]] std::size_t size() const { return records_.size(); }

    // A day as the contract has it (data::ocmf_day). bad_proof when a session does not follow from its records, or one
    // of these is not there.
    [[nodiscard]] Result<chaincode::data::OcmfDay> day(std::int64_t from_s, std::int64_t to_s,
                                                       std::int64_t until_ms = INT64_MAX) const;

  private:
    using Place =
        std::tuple<std::int64_t, std::string, std::size_t>;  // time, content id, number: as the keys are sorted

    [[nodiscard]] Status check_session(const chaincode::data::StoredSession& answered, std::size_t number) const;

    std::string device_;
    const DeviceKeys& keys_;
    std::map<std::string, chaincode::data::StoredOcmf> records_;  // by content id
    std::map<Place, chaincode::data::StoredSession> sessions_;    // that the transactions have completed, by their end
    std::map<Place, chaincode::data::FiscalReading> fiscal_;
};

}  // namespace tally::node
