#include "node/cli/encrypted_series.h"

#include "chaincode/contracts/data/series_columns.h"
#include "chaincode/contracts/data/series_keys.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/proposal.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"
#include "crypto/cbor.h"
#include "node/channel/key_file.h"
#include "storage/model/read_transaction.h"

namespace tally::node::cli {

namespace data = chaincode::data;

namespace {

constexpr std::string_view kDomain = "tally/handed-key/v1";

}  // namespace

Bytes handed_key_aad(std::string_view device, std::string_view organization) {
    crypto::CborWriter writer;
    writer.array(3).text(kDomain).text(device).text(organization);
    return writer.take();
}

Result<crypto::ReadingKey> load_reading_key(const std::filesystem::path& file) {
    auto key = crypto::ReadingKey::from_pem(TRY(read_key_file(file)));
    if (!key) return std::unexpected(key.error().within(file.string()));
    return key;
}

Result<SeriesOpener> SeriesOpener::open(MemberClient& member, const crypto::ReadingKey& key, std::string device) {
    SeriesOpener out(member, std::move(device));
    data::HandedKeys question;
    question.device = out.device_;
    question.organization = member.organization();
    question.limit = chaincode::kLargestPage;
    std::optional<Error> failed;
    std::size_t handed = 0;
    TRY(ask_all<data::HandedPage>(member, "data", "handed_keys", question, [&](const data::HandedPage& page) {
        for (const auto& each : page.keys) {
            ++handed;
            const auto wrapped = from_base64(each.wrapped);
            const auto kid = from_hex(each.key_id);
            auto opened = wrapped && kid ? key.unwrap(*wrapped, handed_key_aad(out.device_, member.organization()))
                                         : Result<Bytes>(fail(Code::malformed, "it cannot be read"));
            if (opened && crypto::content_key_id(*opened) == *kid)
                out.keys_.emplace(*kid, std::move(*opened));
            else
                failed = Error{Code::bad_key,
                               fmt::format("the key {} of {}, wrapped for {}: {}", each.key_id, out.device_,
                                           each.reading_key, opened ? "it is another key" : opened.error().message)};
        }
    }));
    if (handed == 0) {
        return fail(Code::not_found,
                    "no key of {}'s series was handed over to {}: its operator runs tally device "
                    "hand-over",
                    out.device_, member.organization());
    }
    if (out.keys_.empty()) return std::unexpected(*failed);
    return out;
}

Result<std::vector<data::Column>> SeriesOpener::columns_of(const data::SeriesSource& source,
                                                           const std::vector<std::string>& fields) {
    const auto bytes = TRY(member_->raw_transaction(source.transaction));
    const auto transaction = TRY(storage::read_transaction(bytes, "the transaction"));
    const auto proposal =
        TRY(chaincode::SignedProposal::decode(transaction.proposal, transaction.proposal.size())).proposal;
    if (proposal.attachments.size() != 1)
        return fail(Code::bad_proof, "transaction {} holds no signed record", source.transaction);
    const auto decoded = TRY(chaincode::decode_record(proposal.attachments[0]));
    const auto& record = decoded.record;
    if (decoded.content_id.hex() != source.content_id || !record.encrypted_series) {
        return fail(Code::bad_proof, "transaction {} holds the record {}, not {}", source.transaction,
                    decoded.content_id.hex(), source.content_id);
    }
    const auto kid = TRY(crypto::sealed_under(*record.encrypted_series));
    const auto key = keys_.find(kid);
    if (key == keys_.end()) {
        return fail(Code::not_found, "record {} of {} is encrypted under the key {}, which was not handed over to {}",
                    record.sequence, device_, to_hex(kid), member_->organization());
    }
    const auto named = [&](const Error& error) {
        return fail(Code::bad_proof, "record {} of {}: {}", record.sequence, device_, error.message);
    };
    const auto packed = crypto::unseal(key->second, *record.encrypted_series);
    if (!packed) return named(packed.error());
    const auto series = chaincode::unpack_series(record, *packed);
    if (!series) return named(series.error());
    if (const auto same = chaincode::check_series(record, *series); !same) return named(same.error());

    data::SeriesColumns columns(fields, std::nullopt);
    columns.begin(record);
    chaincode::RowReader rows(record, *series);
    while (rows.next()) columns.add(rows.offset(), rows.values());
    columns.end();
    return columns.take();
}

}  // namespace tally::node::cli
