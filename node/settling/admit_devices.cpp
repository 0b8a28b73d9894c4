#include "node/settling/admit_devices.h"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/refusals.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace registry = chaincode::registry;

namespace {

constexpr auto kInterval = std::chrono::seconds(2);
constexpr std::int64_t kTriedAgain_ms = 600'000;

class Admissions {
  public:
    Admissions(ContractCalls& calls, gateway::mqtt::Registrar& registrar, std::string like)
        : calls_(calls), registrar_(registrar), like_(std::move(like)) {}

    void look(std::int64_t now) {
        registrar_.remove_expired(now);
        std::erase_if(refused_, [&](const auto& each) { return now - each.second >= kTriedAgain_ms; });
        for (const auto& request : registrar_.list()) {
            const auto known =
                ask<registry::DeviceView>(calls_, "registry", "get_device", registry::OneDevice{request.device});
            if (known) {
                registrar_.remove(request.device);
                refused_.erase(request.device);
            } else if (known.error().code == registry::refusals::unknown_device && !like_.empty()) {
                admit(request, now);
            }
        }
    }

  private:
    void admit(const gateway::PendingRegistration& request, std::int64_t now) {
        if (refused_.contains(request.device)) return;
        const auto admitted = register_it(request);
        spdlog::info("event={} device={} authority={}{}", admitted ? "device_admitted" : "device_not_admitted",
                     gateway::log_value(request.device), gateway::log_value(request.authority_subject),
                     admitted ? "" : " what=" + gateway::log_value(admitted.error().message));
        if (!admitted) refused_[request.device] = now;
    }

    Status register_it(const gateway::PendingRegistration& request) {
        const auto like = TRY(calls_.query("registry", "get_device", {{"id", like_}}));
        const auto arguments = TRY(admission_of(request, like));
        TRY(calls_.run("registry", "register_device", chaincode::json_text(arguments), {}));
        return {};
    }

    ContractCalls& calls_;
    gateway::mqtt::Registrar& registrar_;
    std::string like_;
    std::map<std::string, std::int64_t> refused_;  // by device: when
};

}  // namespace

Result<boost::json::object> admission_of(const gateway::PendingRegistration& request, const boost::json::value& like) {
    const auto other = TRY(chaincode::from_json<registry::DeviceView>(like));
    registry::RegisterDevice out;
    out.id = request.device;
    out.shard = other.shard;
    out.certificate_chain = request.certificate_chain;
    out.proof = request.proof;
    out.schemas = other.schemas;
    out.polling_interval_s = other.polling_interval_s;
    out.keepalive_interval_s = other.keepalive_interval_s;
    out.grace_s = other.grace_s;
    out.max_skew_s = other.max_skew_s;
    out.late_arrival_s = other.late_arrival_s;
    out.residency = other.residency;
    out.collection = other.collection;
    return chaincode::to_json(out).as_object();
}

void run_admissions(ContractCalls& calls, gateway::mqtt::Registrar& registrar, const std::string& like,
                    std::stop_token stop) {
    name_thread("admissions");
    Admissions admissions(calls, registrar, like);
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        admissions.look(now_ms());
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, kInterval, [] { return false; });
    }
}

}  // namespace tally::node
