#include "node/settling/settle.h"

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/proposal.h"
#include "chaincode/records/packed_series.h"
#include "node/settling/agreed_devices.h"
#include "node/settling/prepare.h"
#include "node/threads/stopwatch.h"
#include "storage/model/read_transaction.h"

namespace tally::node {
namespace {

namespace json = boost::json;
namespace billing = chaincode::billing;
namespace data = chaincode::data;
using chaincode::Date;
using chaincode::agreement::Agreement;
using chaincode::agreement::Terms;
using chaincode::agreement::Version;

class Settling {
  public:
    Settling(ContractCalls& calls, std::string id) : calls_(calls), id_(std::move(id)) {}

    Result<SettlingDone> run(const SettleWhat& what) {
        agreement_ = TRY((ask<Agreement>(calls_, "agreement", "get", chaincode::agreement::OneAgreement{id_})));
        for (const auto number : agreement_.in_force) {
            versions_.push_back(
                TRY((ask<Version>(calls_, "agreement", "get_version", chaincode::agreement::OneVersion{id_, number}))));
        }
        if (versions_.empty()) return fail(Code::unavailable, "{} is not signed by all its parties", id_);
        devices_ = TRY(agreed_devices(calls_, versions_));
        const auto end = last_day(what.until);
        std::uint64_t at = 0;
        for (const auto& device : devices_) {
            what.progress(at++, devices_.size());
            if (const auto status = settle_device(device, end); !status) {  // the others go on
                if (status.error().code.kind() == Kind::unavailable) return std::unexpected(status.error());
                done_.problems.push_back(status.error().within(device.id).message);
            }
        }
        TRY(flush());
        // A day that could not become FINAL may be a device's first: without it the device would not be on the invoice.
        if (!done_.problems.empty())
            done_.waits_for = done_.problems.front();
        else if (what.with_invoices)
            TRY(compute_invoices());
        return std::move(done_);
    }

  private:
    [[nodiscard]] const Terms& terms() const { return versions_.back().terms; }

    // Behind the last day whose window has ended.
    [[nodiscard]] Date last_day(std::optional<Date> until) const {
        const auto now_s = now_ms() / 1000;
        const auto& zone = terms().zone;
        auto day = chaincode::date_at(now_s - terms().reconciliation.window_minutes * 60, zone);
        if (const auto end = chaincode::agreement::end_of(agreement_, terms())) day = std::min(day, *end);
        return until ? std::min(day, *until) : day;
    }

    // What the ledger has of a day: the record that counts, and where its series is.
    struct Published {
        std::string content_id;
        std::string transaction;
        std::string original;  // the content id of the day's own record
    };

    Result<std::map<Date, Published>> published_days(const std::string& device, Date from, Date until) {
        const auto& zone = terms().zone;
        data::Days wanted;
        wanted.device = device;
        wanted.from = chaincode::beginning_of(from, zone);
        wanted.to = chaincode::beginning_of(until, zone);
        wanted.limit = chaincode::kLargestPage;
        std::map<Date, Published> out;
        TRY((ask_all<data::DayPage>(calls_, "data", "days", wanted, [&](const auto& page) {
            for (const auto& day : page.days) {
                const auto date = chaincode::date_at(day.from, zone);
                const bool is_the_day = day.from == chaincode::beginning_of(date, zone) &&
                                        day.to == chaincode::beginning_of(date.plus_days(1), zone);
                if (!is_the_day) continue;  // of another zone's day, which is not billed
                const auto counts = day.corrected_by ? day.corrected_by->content_id : day.content_id;
                out[date] = {counts, day.transaction, day.content_id};
            }
        })));
        return out;
    }

    Result<std::map<Date, std::optional<std::string>>> settled_days(const std::string& device) {
        data::Settled wanted;
        wanted.agreement = id_;
        wanted.device = device;
        wanted.limit = chaincode::kLargestPage;
        std::map<Date, std::optional<std::string>> out;
        TRY((ask_all<data::SettledPage>(calls_, "data", "settled", wanted, [&](const auto& page) {
            for (const auto& day : page.days) out[day.day] = day.content_id;
        })));
        return out;
    }

    Status settle_device(const chaincode::registry::DeviceView& device, Date end) {
        const auto begin = versions_.front().terms.from;
        if (begin >= end) return {};
        const auto published = TRY(published_days(device.id, begin, end));
        const auto settled = TRY(settled_days(device.id));
        auto from = chaincode::date_at(device.registered_ms / 1000, terms().zone);
        if (!published.empty()) from = std::min(from, published.begin()->first);
        if (!settled.empty()) from = std::min(from, settled.begin()->first);
        auto last = end;
        if (device.retired_ms) last = std::min(last, chaincode::date_at(*device.retired_ms / 1000, terms().zone));
        for (auto day = std::max(from, begin); day < last; day = day.plus_days(1)) {
            const auto record = published.find(day);
            const auto known = settled.find(day);
            if (known == settled.end()) {
                TRY(finalize(device.id, day, record == published.end() ? nullptr : &record->second));
            } else if (record != published.end() && known->second != record->second.content_id) {
                if (TRY(revise(device.id, day, record->second))) TRY(go_on(device.id, day.plus_days(1), published));
            }
        }
        return {};
    }

    [[nodiscard]] bool has_windows(Date day) const {
        for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
            if (version->terms.from <= day) return !version->terms.windows.empty();
        }
        return false;
    }

    Status finalize(const std::string& device, Date day, const Published* record) {
        if (record != nullptr && has_windows(day)) {
            const auto series = TRY(series_of(device, *record));
            return take(TRY(
                (act<data::SettledDays>(calls_, "data", "finalize", data::Finalize{id_, {{device, day}}}, {series}))));
        }
        waiting_.push_back({device, day});
        return waiting_.size() < static_cast<std::size_t>(data::kMostFinalized) ? Status() : flush();
    }

    Status flush() {
        if (waiting_.empty()) return {};
        const auto answer =
            TRY((act<data::SettledDays>(calls_, "data", "finalize", data::Finalize{id_, std::move(waiting_)})));
        waiting_.clear();
        return take(answer);
    }

    Status take(const data::SettledDays& answer) {
        done_.finalized += answer.finalized;
        done_.mismatches += static_cast<std::int64_t>(answer.mismatches.size());
        return {};
    }

    // A register of the day after one that came late goes on from it.
    Status go_on(const std::string& device, Date day, const std::map<Date, Published>& published) {
        const auto record = published.find(day);
        const bool has_register = std::ranges::any_of(terms().fields, [](const auto& field) {
            return field.measure == chaincode::agreement::Measure::REGISTER_DIFFERENCE;
        });
        if (!has_register || record == published.end()) return {};
        data::OfDay wanted;
        wanted.agreement = id_;
        wanted.device = device;
        wanted.day = day;
        const auto revised = act<data::SettledDay>(calls_, "data", "revise", wanted);
        if (!revised && revised.error().code != Code::invalid_argument &&
            revised.error().code != data::refusals::day_open)
            return std::unexpected(revised.error());
        if (revised) ++done_.revised;
        return {};
    }

    // Whether there is a revision now that was not there.
    Result<bool> revise(const std::string& device, Date day, const Published& record) {
        data::OfDay wanted;
        wanted.agreement = id_;
        wanted.device = device;
        wanted.day = day;
        const auto now = TRY((ask<data::SettledDay>(calls_, "data", "reconcile", wanted)));
        if (now.content_id == record.content_id) return false;  // a revision has it
        Bytes series;
        std::vector<ByteView> attachments;
        if (has_windows(day)) {
            series = TRY(series_of(device, record));
            attachments.emplace_back(series);
        }
        TRY((act<data::SettledDay>(calls_, "data", "revise", wanted, std::move(attachments))));
        ++done_.revised;
        return true;
    }

    // The packed series of the record that counts, from the transaction that has it.
    Result<Bytes> series_of(const std::string& device, const Published& record) {
        data::Find wanted;
        wanted.content_id = record.content_id;
        wanted.device = device;
        const auto place = TRY((ask<std::optional<data::RecordPlace>>(calls_, "data", "find", wanted)));
        if (!place) return fail(Code::not_found, "the record {} of {} is not found", record.content_id, device);
        if (!place->series_transaction)
            return fail(Code::not_found, "the readings of the record {} of {} are not in a block", record.content_id,
                        device);
        const auto bytes = TRY(calls_.raw_transaction(*place->series_transaction));
        const auto transaction = TRY(storage::read_transaction(bytes, "the transaction of the readings"));
        const auto proposal = TRY(chaincode::SignedProposal::decode(transaction.proposal, transaction.proposal.size()));
        if (proposal.proposal.attachments.empty()) return fail(Code::not_found, "the record has no message");
        const auto& attached = proposal.proposal.attachments[0];
        if (*place->series_transaction != place->transaction) return to_bytes(attached);  // it came later, packed
        const auto message = TRY(chaincode::decode_record(attached));
        if (message.packed) return *message.packed;
        if (message.record.series) return chaincode::pack_series(message.record, *message.record.series);
        return fail(Code::not_found, "the readings of the record {} of {} are encrypted", record.content_id, device);
    }

    Status compute_invoices() {
        const auto today = chaincode::date_at(now_ms() / 1000, terms().zone);
        auto next = agreement_.billed_until.value_or(versions_.front().terms.from);
        const auto end = chaincode::agreement::end_of(agreement_, terms());
        while (next < today && (!end || next < *end)) {
            const auto period = billing::period_of(terms().period, next);
            const auto until = end ? std::min(period.until, *end) : period.until;
            if (until > today) {
                done_.waits_for = fmt::format("the period from {} on ends on {}", next.text(), until.text());
                return {};
            }
            if (const auto prepared = prepare(next, chaincode::days_between(next, until)); !prepared) {
                if (prepared.error().code != billing::refusals::sealed_figures) return prepared;
                done_.waits_for = sealed(next, prepared.error());
                return {};
            }
            billing::OfPeriod wanted;
            wanted.agreement = id_;
            wanted.day = next;
            auto invoice = act<billing::Invoice>(calls_, "billing", "compute", wanted);
            if (!invoice && invoice.error().code == billing::refusals::days_open) {
                done_.waits_for = invoice.error().message;
                return {};
            }
            if (!invoice && invoice.error().code == billing::refusals::sealed_figures) {
                done_.waits_for = sealed(next, invoice.error());
                return {};
            }
            if (!invoice) return std::unexpected(invoice.error());
            next = invoice->until;
            done_.invoices.push_back(std::move(*invoice));
        }
        return {};
    }

    [[nodiscard]] std::string sealed(Date period, const Error& why) const {
        return fmt::format("{}: tally invoice seal {} {}", why.message, id_, period.text());
    }

    // The items of many devices, before the invoice.
    Status prepare(Date day, std::int64_t days) {
        if (devices_.size() <= devices_at_once(days)) return {};
        billing::Prepare wanted;
        wanted.agreement = id_;
        wanted.day = day;
        std::vector<std::string> ids;
        for (const auto& device : devices_) ids.push_back(device.id);
        return prepare_devices(calls_, "prepare", wanted, ids, days);
    }

    ContractCalls& calls_;
    std::string id_;
    Agreement agreement_;
    std::vector<Version> versions_;
    std::vector<chaincode::registry::DeviceView> devices_;
    std::vector<data::DeviceDay> waiting_;
    SettlingDone done_;
};

}  // namespace

Result<SettlingDone> settle_due(ContractCalls& calls, const std::string& agreement, const SettleWhat& what) {
    return Settling(calls, agreement).run(what);
}

}  // namespace tally::node
