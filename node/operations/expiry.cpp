#include "node/operations/expiry.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "chaincode/calendar.h"
#include "chaincode/stub.h"
#include "crypto/x509.h"
#include "gateway/http/log_value.h"
#include "node/channel/ledger_json.h"
#include "node/threads/stopwatch.h"

namespace tally::node {
namespace {

constexpr std::int64_t kReadEveryMs = 60'000;
constexpr std::string_view kRegistry = "registry";

// The one of each kind and authority that ends last.
class Latest {
  public:
    void add(std::string what, std::int64_t until_ms) {
        const auto [at, fresh] = by_what_.try_emplace(what, Expiry{what, until_ms});
        if (!fresh) at->second.until_ms = std::max(at->second.until_ms, until_ms);
    }
    [[nodiscard]] std::vector<Expiry> take() const {
        std::vector<Expiry> all;
        for (const auto& [what, expiry] : by_what_) all.push_back(expiry);
        return all;
    }

  private:
    std::map<std::string, Expiry> by_what_;
};

std::string authority_text(const crypto::Certificate& certificate) {
    return fmt::format("{} ({})", certificate.subject().common_name, certificate.authority_id().hex().substr(0, 8));
}

}  // namespace

ExpiryStage stage_of(const Expiry& expiry, std::int64_t now_ms) {
    const auto left = expiry.until_ms - now_ms;
    if (left <= 0) return ExpiryStage::over;
    if (left <= chaincode::kDay_ms) return ExpiryStage::day;
    return left <= 14 * chaincode::kDay_ms ? ExpiryStage::days : ExpiryStage::far;
}

std::string described(const Expiry& expiry, std::int64_t now_ms) {
    return fmt::format("{} {} {}", expiry.what, expiry.until_ms <= now_ms ? "ended on" : "ends on",
                       iso_time(expiry.until_ms));
}

std::vector<Expiry> organization_expiries(const ChannelConfig& config) {
    Latest latest;
    for (const auto& organization : config.organizations) {
        std::vector<crypto::Certificate> authorities;
        for (const auto* pems : {&organization.roots, &organization.intermediates}) {
            for (const auto& pem : *pems) {
                if (auto each = crypto::Certificate::from_pem(pem)) authorities.push_back(*std::move(each));
            }
        }
        for (const auto& each : authorities)
            latest.add(fmt::format("authority of {}: {}", organization.id, authority_text(each)), each.not_after_ms());
        for (const auto& pem : organization.crls) {
            const auto list = crypto::RevocationList::from_pem(pem);
            if (!list) continue;
            const auto issuer = std::find_if(authorities.begin(), authorities.end(),
                                             [&](const auto& each) { return crypto::is_list_of(*list, each); });
            const auto who = issuer == authorities.end() ? list->issuer().common_name : authority_text(*issuer);
            latest.add(fmt::format("revocation list of {}: {}", organization.id, who), list->next_update_ms());
        }
    }
    return latest.take();
}

Result<std::vector<Expiry>> device_expiries(const storage::StateReader& state) {
    Latest latest;
    const auto each_of = [&](const char* kind, auto add) -> Status {
        const auto [start, end] = chaincode::children_of({kind});
        return state.scan(kRegistry, start, end, false,
                          [&](std::string_view key, const storage::VersionedValue& value) {
                              const auto rest = key.substr(start.size());  // organization NUL id
                              const auto end_of_name = std::min(rest.find('\0'), rest.size() - 1);
                              add(rest.substr(0, end_of_name), rest.substr(end_of_name + 1), as_text(value.value));
                              return true;
                          });
    };
    TRY(each_of("anchor", [&](std::string_view organization, std::string_view, std::string_view pem) {
        if (const auto each = crypto::Certificate::from_pem(pem))
            latest.add(fmt::format("device authority of {}: {}", organization, authority_text(*each)),
                       each->not_after_ms());
    }));
    TRY(each_of("crl", [&](std::string_view organization, std::string_view id, std::string_view pem) {
        if (const auto list = crypto::RevocationList::from_pem(pem))
            latest.add(fmt::format("device revocation list of {}: {} ({})", organization, list->issuer().common_name,
                                   id.substr(0, 8)),
                       list->next_update_ms());
    }));
    return latest.take();
}

void ExpiryWatch::watch(std::int64_t now_ms) {
    if (now_ms >= due_ms_) {
        due_ms_ = now_ms + kReadEveryMs;
        auto fresh = read_();
        const std::lock_guard lock(mutex_);
        known_ = std::move(fresh);
    }
    std::vector<std::pair<std::string, ExpiryStage>> stages;
    for (const auto& each : known_) {
        const auto stage = stage_of(each, now_ms);
        stages.emplace_back(each.what, stage);
        const auto before =
            std::find_if(told_.begin(), told_.end(), [&](const auto& one) { return one.first == each.what; });
        if (stage == ExpiryStage::far || (before != told_.end() && before->second == stage)) continue;
        spdlog::log(stage == ExpiryStage::over ? spdlog::level::err : spdlog::level::warn, "event={} what={}",
                    stage == ExpiryStage::over ? "expired" : "expires_soon",
                    gateway::log_value(described(each, now_ms)));
    }
    told_ = std::move(stages);
}

void ExpiryWatch::add_gauges(Metrics& metrics) const {
    metrics.figures(Metrics::Kind::gauge, "tally_expiry_seconds",
                    "Seconds until something ends: authorities, revocation lists, certificates", "what", [this] {
                        Metrics::Figures figures;
                        const auto now = now_ms();
                        const std::lock_guard lock(mutex_);
                        for (const auto& each : known_)
                            figures.emplace_back(each.what, static_cast<double>(each.until_ms - now) / 1000);
                        return figures;
                    });
}

}  // namespace tally::node
