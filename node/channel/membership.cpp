#include "node/channel/membership.h"

#include <map>
#include <mutex>
#include <unordered_map>

namespace tally::node {
namespace {

constexpr std::size_t kRemembered = 10'000;

struct Organization {
    std::string id;
    crypto::TrustStore trust;
};

// A path that held at some time holds in the whole window [from, until): within the dates of its certificates and
// revocation lists, whose ends are exclusive in verify_path too.
struct VerifiedPath {
    Membership::Member member;
    std::int64_t from_ms = INT64_MIN;
    std::int64_t until_ms = INT64_MAX;
};

Result<crypto::TrustStore> trust_of(const OrganizationConfig& config) {
    crypto::TrustStore trust;
    for (const auto& pem : config.roots) trust.roots.push_back(TRY(crypto::Certificate::from_pem(pem)));
    for (const auto& pem : config.intermediates) trust.intermediates.push_back(TRY(crypto::Certificate::from_pem(pem)));
    for (const auto& pem : config.crls) trust.crls.push_back(TRY(crypto::RevocationList::from_pem(pem)));
    return trust;
}

bool is_role(std::string_view text) {
    return text == "client" || text == "peer" || text == "orderer" || text == "admin" || text == "auditor";
}

}  // namespace

struct Membership::Impl {
    ChannelConfig config;
    std::vector<Organization> organizations;
    std::map<std::string, Policy, std::less<>> policies;
    std::optional<Policy> default_policy;
    std::optional<Policy> receipt;
    std::optional<Policy> configuration;
    crypto::Hash config_hash;
    std::vector<crypto::PublicKey> orderers;
    chaincode::ContractSet contracts;
    const Rules* rules = nullptr;

    std::mutex mutex;
    std::unordered_map<crypto::Hash, VerifiedPath> verified;  // by the digest of the presented chain

    Result<VerifiedPath> verify(std::span<const crypto::Certificate> chain, std::int64_t time_ms) const;
};

Result<VerifiedPath> Membership::Impl::verify(std::span<const crypto::Certificate> chain, std::int64_t time_ms) const {
    const auto& leaf = chain.front();
    const auto& subject = leaf.subject();
    for (const auto& organization : organizations) {
        if (organization.id != subject.organization) continue;
        const auto path =
            TRY(crypto::verify_path(leaf, chain.subspan(1), organization.trust, time_ms, crypto::Purpose::signing));
        if (!is_role(subject.organizational_unit)) {
            return fail(
                Code::unauthenticated,
                "the certificate of {} has the role (OU) \"{}\"; client, peer, orderer, admin or auditor are known",
                leaf.subject_text(), subject.organizational_unit);
        }
        VerifiedPath out{
            {{organization.id, subject.organizational_unit, subject.common_name, leaf.der()}, leaf.public_key()}};
        for (const auto& certificate : path) {
            out.from_ms = std::max(out.from_ms, certificate.not_before_ms());
            out.until_ms = std::min(out.until_ms, certificate.not_after_ms());
        }
        for (const auto& crl : organization.trust.crls) {
            out.from_ms = std::max(out.from_ms, crl.this_update_ms());
            out.until_ms = std::min(out.until_ms, crl.next_update_ms());
        }
        return out;
    }
    return fail(Code::unauthenticated,
                "the certificate of {} names the organization \"{}\", which is not a member of channel {}",
                leaf.subject_text(), subject.organization, config.channel);
}

Membership::Membership(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Membership::~Membership() = default;

Result<std::shared_ptr<const Membership>> Membership::from(ChannelConfig config) {
    auto impl = std::make_unique<Impl>();
    const auto ids = config.organization_ids();
    TRY(check_covered(config.versions(), known_versions()));
    impl->contracts = TRY(known().contracts.select(config.contracts));
    impl->rules = &known().rules.at(config.rules - 1);
    for (const auto& organization : config.organizations) {
        impl->organizations.push_back({organization.id, TRY(trust_of(organization))});
    }
    for (const auto& each : config.policies)
        impl->policies.emplace(each.contract, TRY(Policy::parse(each.policy, ids)));
    impl->default_policy = TRY(Policy::parse(config.endorsement, ids));
    impl->receipt = TRY(Policy::parse(config.receipt, ids));
    impl->configuration = TRY(Policy::parse(config.configuration, ids, "admin"));
    impl->config_hash = crypto::sha256(as_bytes(channel_config_json(config)));
    for (const auto& orderer : config.orderers) {
        impl->orderers.push_back(TRY(crypto::PublicKey::from_pem(orderer.public_key)));
    }
    impl->config = std::move(config);
    return std::make_shared<const Membership>(std::move(impl));
}

Result<Membership::Member> Membership::identify(std::span<const Bytes> chain_der, std::int64_t time_ms) const {
    if (chain_der.empty() || chain_der.size() > 8) {
        return fail(Code::unauthenticated, "a chain of {} certificates; 1 to 8 are allowed", chain_der.size());
    }
    crypto::Sha256 hasher;
    for (const auto& der : chain_der) {
        const auto size = static_cast<std::uint64_t>(der.size());
        hasher.update({reinterpret_cast<const std::uint8_t*>(&size), sizeof size}).update(der);
    }
    const auto digest = hasher.finish();
    {
        const std::lock_guard lock(impl_->mutex);
        const auto found = impl_->verified.find(digest);
        if (found != impl_->verified.end() && time_ms >= found->second.from_ms && time_ms < found->second.until_ms) {
            return found->second.member;
        }
    }
    std::vector<crypto::Certificate> chain;
    for (const auto& der : chain_der) chain.push_back(TRY(crypto::Certificate::from_der(der)));
    auto path = TRY(impl_->verify(chain, time_ms));
    auto member = path.member;
    const std::lock_guard lock(impl_->mutex);
    if (impl_->verified.size() >= kRemembered) impl_->verified.clear();
    impl_->verified.insert_or_assign(digest, std::move(path));
    return member;
}

Result<chaincode::Caller> Membership::identify(std::span<const crypto::Certificate> chain, std::int64_t time_ms) const {
    std::vector<Bytes> der;
    for (const auto& certificate : chain) der.push_back(certificate.der());
    return TRY(identify(std::span<const Bytes>(der), time_ms)).caller;
}

const Policy& Membership::policy_of(std::string_view contract) const {
    const auto found = impl_->policies.find(contract);
    return found == impl_->policies.end() ? *impl_->default_policy : found->second;
}

const Policy& Membership::receipt_policy() const { return *impl_->receipt; }
const Policy& Membership::configuration_policy() const { return *impl_->configuration; }
const crypto::Hash& Membership::config_hash() const { return impl_->config_hash; }
const ChannelConfig& Membership::config() const { return impl_->config; }
const chaincode::ContractSet& Membership::contracts() const { return impl_->contracts; }
const Rules& Membership::rules() const { return *impl_->rules; }
const std::vector<crypto::PublicKey>& Membership::orderer_keys() const { return impl_->orderers; }

std::optional<consensus::Member> Membership::orderer_with(const crypto::PublicKey& key) const {
    const auto found = std::find(impl_->orderers.begin(), impl_->orderers.end(), key);
    if (found == impl_->orderers.end()) return std::nullopt;
    return static_cast<consensus::Member>(found - impl_->orderers.begin());
}

consensus::Committee Membership::committee(consensus::Epoch epoch) const {
    consensus::Committee committee{impl_->config.channel, epoch, impl_->config.model(), {}};
    for (const auto& key : impl_->orderers) committee.lanes.push_back(consensus::lane_id(key));
    return committee;
}

Status Membership::verify_finality(const storage::BlockHeader& header, const consensus::FinalityProof& proof) const {
    return consensus::verify_finality(header, proof, committee(header.epoch), consensus::verify_with(impl_->orderers));
}

}  // namespace tally::node
