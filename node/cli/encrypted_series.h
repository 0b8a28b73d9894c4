#pragma once
// Encrypted series, opened where the key is: here, and never at a node.
//
// The reader's organization has a reading key (`tally reading-key new`); operators wrap the content keys of their
// devices for it. A record is checked before it is opened: its bytes come from its transaction and must give the
// content id; what was opened must give the signed root and figures. One thread.

#include <filesystem>
#include <map>

#include "chaincode/contracts/data/answers.h"
#include "crypto/sealed.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

// What a content key is wrapped under beside the reader's key: for which device and organization it is.
[[nodiscard]] Bytes handed_key_aad(std::string_view device, std::string_view organization);

[[nodiscard]] Result<crypto::ReadingKey> load_reading_key(const std::filesystem::path& file);

class SeriesOpener {
  public:
    // Takes the keys of the device that were handed over to the member's organization. bad_key: one does not open.
    [[nodiscard]] static Result<SeriesOpener> open(MemberClient& member, const crypto::ReadingKey& key,
                                                   std::string device);

    // The samples of a record whose rows are ENCRYPTED; of these fields, or of all. not_found: its key was not handed
    // over; bad_proof: the transaction, or what the key opened, is not what was signed.
    [[nodiscard]] Result<std::vector<chaincode::data::Column>> columns_of(const chaincode::data::SeriesSource& source,
                                                                          const std::vector<std::string>& fields);

  private:
    SeriesOpener(MemberClient& member, std::string device) : member_(&member), device_(std::move(device)) {}

    MemberClient* member_;
    std::string device_;
    std::map<Bytes, Bytes> keys_;  // by kid
};

}  // namespace tally::node::cli
