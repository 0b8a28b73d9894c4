#include "node/settling/scheduler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/arguments.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/settling/settle.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace agreement = chaincode::agreement;
namespace billing = chaincode::billing;
namespace data = chaincode::data;
using agreement::AgreementState;
using billing::InvoiceState;
using chaincode::Date;

namespace {

constexpr std::int64_t kAfterWindow_ms = 2000;  // clocks differ a little

void log_failure(const std::string& id, std::string_view what, const Error& error) {
    spdlog::warn("event=not_settled agreement={} step={} what={}", gateway::log_value(id), what,
                 gateway::log_value(error.message));
}

// One agreement that is in force.
class Due {
  public:
    Due(ContractCalls& calls, const agreement::Agreement& of, agreement::Version version)
        : calls_(calls), id_(of.id), version_(std::move(version)) {}

    void run() {
        SettleWhat what;
        const auto done = settle_due(calls_, id_, what);
        if (!done) log_failure(id_, "settle", done.error());
        if (done) {
            for (const auto& each : done->problems)
                spdlog::warn("event=not_settled agreement={} step=device what={}", gateway::log_value(id_),
                             gateway::log_value(each));
        }
        if (done && (done->finalized + done->revised > 0 || !done->invoices.empty()))
            spdlog::info("event=settled agreement={} final={} mismatches={} revised={} invoices={}",
                         gateway::log_value(id_), done->finalized, done->mismatches, done->revised,
                         done->invoices.size());
        if (const auto status = step_invoices(); !status) log_failure(id_, "invoices", status.error());
        if (const auto status = look_for_silence(); !status) log_failure(id_, "liveness", status.error());
    }

    // When the window of the day that runs ends.
    [[nodiscard]] std::int64_t next_ms(std::int64_t now) const {
        const auto& terms = version_.terms;
        const auto window_s = terms.reconciliation.window_minutes * 60;
        const auto day = chaincode::date_at(now / 1000 - window_s, terms.zone);
        return (chaincode::beginning_of(day.plus_days(1), terms.zone) + window_s) * 1000 + kAfterWindow_ms;
    }

  private:
    Status step_invoices() {
        billing::ListInvoices wanted;
        wanted.agreement = id_;
        wanted.limit = chaincode::kLargestPage;
        std::vector<billing::Invoice> all;
        TRY(ask_all<billing::InvoicePage>(calls_, "billing", "list", wanted, [&](auto& page) {
            std::ranges::move(page.invoices, std::back_inserter(all));
        }));
        const auto today = chaincode::date_at(now_ms() / 1000, version_.terms.zone);
        for (const auto& each : all) {
            if (each.state == InvoiceState::COMPUTED) {
                // A sealed one may wait for a party that disputes it; the others go on.
                const auto notified = step<billing::Remarked>("notify", each.from);
                if (notified) continue;
                log_failure(id_, "invoice from " + each.from.text(), notified.error());
            }
            const bool unpaid = each.state == InvoiceState::COMPUTED || each.state == InvoiceState::NOTIFIED ||
                                each.state == InvoiceState::PAYMENT_REJECTED ||
                                each.state == InvoiceState::PAYMENT_RETURNED;
            if (unpaid && today > each.due) TRY(step<billing::OfPayable>("expire", each.from));
        }
        return {};
    }

    template <class Arguments>
    Status step(std::string_view function, Date day) {
        Arguments in;
        in.agreement = id_;
        in.day = day;
        TRY(act<billing::Payable>(calls_, "billing", function, in));
        spdlog::info("event=invoice_step agreement={} from={} step={}", gateway::log_value(id_), day.text(), function);
        return {};
    }

    // Devices of the agreement that have missed as many keep-alives as the operator's rules say.
    Status look_for_silence() {
        const auto rules = TRY(ask<chaincode::registry::Rules>(
            calls_, "registry", "get_rules", chaincode::registry::OfOrganization{calls_.organization()}));
        if (rules.missed_keepalives == 0) return {};
        for (const auto& scope : version_.terms.scope) {
            data::OfShard wanted;
            wanted.shard = scope.shard;
            wanted.organization = calls_.organization();
            wanted.limit = chaincode::kLargestPage;
            std::vector<data::DeviceLiveness> silent;
            TRY(ask_all<data::LivenessPage>(calls_, "data", "shard_liveness", wanted, [&](const auto& page) {
                for (const auto& device : page.devices) {
                    const bool covered =
                        scope.devices.empty() || std::ranges::find(scope.devices, device.device) != scope.devices.end();
                    if (covered && device.status == chaincode::registry::DeviceStatus::ACTIVE &&
                        device.silent_s > version_.terms.keepalive_minutes * 60 &&
                        device.missed_keepalives >= rules.missed_keepalives)
                        silent.push_back(device);
                }
            }));
            for (const auto& device : silent) report(device);
        }
        return {};
    }

    void report(const data::DeviceLiveness& device) {
        data::Silence in;
        in.device = device.device;
        in.last_received_ms = device.last_received_ms.value_or(0);
        const auto told = act<data::SilenceReported>(calls_, "data", "report_silence", in);
        if (!told) return log_failure(id_, "silence of " + device.device, told.error());
        if (told->suspended)
            spdlog::warn("event=device_suspended agreement={} device={} missed_keepalives={}", gateway::log_value(id_),
                         gateway::log_value(device.device), told->missed_keepalives);
    }

    ContractCalls& calls_;
    std::string id_;
    agreement::Version version_;
};

}  // namespace

Result<std::optional<std::int64_t>> settle_all(ContractCalls& calls) {
    agreement::ListAgreements wanted;
    wanted.state = AgreementState::ACTIVE;
    wanted.limit = chaincode::kLargestPage;
    std::vector<agreement::Agreement> active;
    TRY(ask_all<agreement::AgreementPage>(calls, "agreement", "list", wanted, [&](auto& page) {
        std::ranges::move(page.agreements, std::back_inserter(active));
    }));
    std::optional<std::int64_t> next;
    for (const auto& each : active) {
        auto version = ask<agreement::Version>(calls, "agreement", "get_version",
                                               agreement::OneVersion{each.id, each.in_force.back()});
        if (!version) {
            log_failure(each.id, "terms", version.error());
            continue;  // the other agreements go on
        }
        if (agreement::operator_of(version->terms) != calls.organization()) continue;
        Due due(calls, each, std::move(*version));
        due.run();
        const auto at = due.next_ms(now_ms());
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

void run_scheduler(ContractCalls& calls, std::chrono::seconds interval, std::stop_token stop) {
    if (interval.count() == 0) return;
    name_thread("settling");
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        const auto next = settle_all(calls);
        if (!next) spdlog::warn("event=not_settled what={}", gateway::log_value(next.error().message));
        auto wait = std::chrono::milliseconds(interval);
        if (next && *next) {
            const auto until = std::max<std::int64_t>(**next - now_ms(), 1000);
            wait = std::min(wait, std::chrono::milliseconds(until));
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, wait, [] { return false; });
    }
}

}  // namespace tally::node
