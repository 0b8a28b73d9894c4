#include "tests/adversary/lane.h"

#include "consensus/committee.h"
#include "crypto/code_named.h"
#include "crypto/printable.h"
#include "node/endorsing/endorser.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

}  // namespace

consensus::BatchPtr batch_of(const crypto::PrivateKey& orderer, const std::string& channel,
                             std::vector<Bytes> transactions, bool sealing) {
    auto batch = std::make_shared<consensus::LaneBatch>();
    auto& header = batch->header;
    header.lane = consensus::lane_id(orderer.public_key());
    header.at = {static_cast<std::uint64_t>(now_ms()), 1};
    header.digest = storage::batch_digest(transactions);
    header.count = static_cast<std::uint32_t>(transactions.size());
    for (const auto& transaction : transactions) header.bytes += transaction.size();
    header.sealing = sealing;
    batch->transactions = std::move(transactions);
    batch->signature = orderer.sign(consensus::batch_statement(channel, header));
    return batch;
}

Status keep_endorsement(NodeNetwork& network, const std::string& node, const Bytes& proposal,
                        const std::string& folder) {
    const auto question = storage::encode(EndorseQuestion{0, proposal, false});
    const auto answer = TRY(network.ask(node, FrameKind::endorse, question, kPatience).wait());
    const auto endorsed = TRY(storage::decode<Endorsed>(answer, "an endorsement"));
    const auto path = folder + "/" + node;
    TRY(storage::write_file(path + ".simulation", endorsed.simulation));
    TRY(storage::write_file(path + ".certificate", endorsed.endorsement.certificate));
    return storage::write_file(path + ".signature", endorsed.endorsement.signature);
}

std::string submit_to(NodeNetwork& network, const std::string& node, std::vector<Bytes> transactions,
                      bool configuration) {
    const auto question = storage::encode(SubmitQuestion{false, configuration, std::move(transactions)});
    const auto answer = network.ask(node, FrameKind::submit, question, kPatience).wait();
    if (answer) return "accepted";
    return fmt::format("{} {}", answer.error().code.name(), printable(answer.error().message));
}

}  // namespace tally::node
