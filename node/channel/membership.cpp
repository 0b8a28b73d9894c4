#include "node/channel/membership.h"

#include <map>

#include "crypto/bounded_cache.h"

namespace tally::node {
namespace {

constexpr std::size_t kRememberedCertificates = 10'000;

struct Organization {
    std::string id;
    crypto::TrustStore trust;
};

// What is known of a presented chain and does not depend on the time; whether it is valid at a time is checked on each
// use.
struct KnownChain {
    Membership::Identified member;
    crypto::VerifiedPaths paths;
};

Result<crypto::TrustStore> trust_of(const OrganizationConfig& config) {
    crypto::TrustStore trust;
    for (const auto& pem : config.roots) trust.roots.push_back(TRY(crypto::Certificate::from_pem(pem)));
    for (const auto& pem : config.intermediates) trust.intermediates.push_back(TRY(crypto::Certificate::from_pem(pem)));
    for (const auto& pem : config.crls) trust.crls.push_back(TRY(crypto::RevocationList::from_pem(pem)));
    return trust;
}

crypto::ListDates list_dates_for(std::string_view role, Use use) {
    const bool governs = role == "admin" || role == "peer";
    const bool any = use == Use::attribution || (use == Use::configuration && governs);
    return any ? crypto::ListDates::any : crypto::ListDates::current;
}

bool is_role(std::string_view text) {
    return text == "client" || text == "peer" || text == "orderer" || text == "admin" || text == "auditor" ||
           text == "monitor";
}

}  // namespace

Use use_of(std::string_view contract) { return contract == kConfigSpace ? Use::configuration : Use::everything; }

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

    crypto::BoundedCache<std::shared_ptr<const KnownChain>> known{
        kRememberedCertificates};  // by the digest of the presented chain

    Result<KnownChain> examine(std::span<const crypto::Certificate> chain) const;
};

Result<KnownChain> Membership::Impl::examine(std::span<const crypto::Certificate> chain) const {
    const auto& leaf = chain.front();
    const auto& subject = leaf.subject();
    for (const auto& organization : organizations) {
        if (organization.id != subject.organization) continue;
        auto paths = TRY(crypto::VerifiedPaths::find(chain, organization.trust, crypto::Purpose::signing));
        if (!is_role(subject.organizational_unit)) {
            return fail(
                Code::unauthenticated,
                "the certificate of {} has the role (OU) \"{}\"; client, peer, orderer, admin, auditor or monitor are "
                "known",
                leaf.subject_text(), subject.organizational_unit);
        }
        return KnownChain{
            {{organization.id, subject.organizational_unit, subject.common_name, leaf.der()}, leaf.public_key()},
            std::move(paths)};
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
    if (config.rules < 1) return fail(Code::bad_configuration, "the channel's configuration names no rules");
    impl->contracts = TRY(contracts_named(config.contracts));
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

Result<Membership::Identified> Membership::identify(std::span<const Bytes> chain_der, std::int64_t time_ms,
                                                    Use use) const {
    if (chain_der.empty() || chain_der.size() > crypto::kMaxPresented) {
        return fail(Code::unauthenticated, "a chain of {} certificates; 1 to {} are allowed", chain_der.size(),
                    crypto::kMaxPresented);
    }
    crypto::Sha256 hasher;
    for (const auto& der : chain_der) {
        const auto size = static_cast<std::uint64_t>(der.size());
        hasher.update({reinterpret_cast<const std::uint8_t*>(&size), sizeof size}).update(der);
    }
    const auto digest = hasher.finish();
    std::shared_ptr<const KnownChain> known;
    if (auto remembered = impl_->known.find(digest)) known = *std::move(remembered);
    if (!known) {
        std::vector<crypto::Certificate> chain;
        for (const auto& der : chain_der) chain.push_back(TRY(crypto::Certificate::from_der(der)));
        known = std::make_shared<const KnownChain>(TRY(impl_->examine(chain)));
        impl_->known.insert(digest, known);
    }
    if (known->member.caller.role == "monitor" && use != Use::operations)
        return fail(Code::permission_denied, "{} is a monitor, which may only read how a node is",
                    known->member.caller.name);
    TRY(known->paths.at(time_ms, list_dates_for(known->member.caller.role, use)));
    return known->member;
}

Result<chaincode::Caller> Membership::identify(std::span<const crypto::Certificate> chain, std::int64_t time_ms,
                                               Use use) const {
    std::vector<Bytes> der;
    for (const auto& certificate : chain) der.push_back(certificate.der());
    return TRY(identify(std::span<const Bytes>(der), time_ms, use)).caller;
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
