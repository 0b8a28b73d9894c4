#pragma once
// What can be proven of one device: its keys and its records, taken out of receipts that verify. No gateway is
// trusted: the input is receipts and the channel's configurations, which the caller has from elsewhere.
//
// A record counts when its receipt verifies, the transaction is VALID, and the device's own signature verifies under
// the key that was the device's when the record came, by the receipts of its registration and of its changes of keys:
// the current one, or for an earlier period the key of then. A series counts when its rows give the signed root and
// summary. One thread.

#include <map>
#include <memory>
#include <vector>

#include "chaincode/records/device_record.h"
#include "node/channel/device_keys.h"

namespace tally::node {

class DeviceEvidence {
  public:
    using KeyEpoch = DeviceKeys::Epoch;

    // `configurations`: one under which a receipt verifies is enough, as organizations change with time. `stated`: keys
    // for DeviceKeys.
    DeviceEvidence(std::string device, std::vector<std::shared_ptr<const Membership>> configurations,
                   std::vector<Bytes> stated = {})
        : device_(device), configurations_(std::move(configurations)), keys_(std::move(device), std::move(stated)) {}

    struct Record {
        ReceiptFacts facts;               // holds the attachments
        chaincode::SignedRecord message;  // borrows from them
        Bytes series;                     // the rows; empty: not proven yet, or its holder withholds it
        KeyEpoch key_epoch = 0;           // of the key that verifies; 0: no proven key does
        Status series_holds;              // of the rows against root and summary
    };

    // The receipt of a registry transaction that gave the device a key. All of these before the first record.
    // bad_proof when it does not verify, is not VALID, or gives the device none.
    [[nodiscard]] Status add_key(ByteView receipt);
    // The receipt of a published record; the record. bad_proof when it does not verify, is not VALID, or is another
    // device's.
    [[nodiscard]] Result<const Record*> add_record(ByteView receipt);

    // The receipt of a series that was handed in after its record, of the sequence. bad_proof as above; root_mismatch
    // and the like when it is not that record's.
    [[nodiscard]] Status add_series(ByteView receipt, std::int64_t sequence);

    [[nodiscard]] const std::map<std::int64_t, Record>& records() const { return records_; }  // by sequence
    [[nodiscard]] const DeviceKeys& keys() const { return keys_; }

  private:
    [[nodiscard]] Result<ReceiptFacts> verified(ByteView receipt) const;

    std::string device_;
    std::vector<std::shared_ptr<const Membership>> configurations_;
    DeviceKeys keys_;
    std::map<std::int64_t, Record> records_;
};

}  // namespace tally::node
