#include "chaincode/contracts/billing/corrections.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/data/api.h"

namespace tally::chaincode::billing {
namespace {

using data::SettledDay;

constexpr std::int64_t kAtOnce = 1000;  // revisions that one invoice takes; the next takes those that are left

std::string taken_key(const std::string& agreement, Date from) {
    return composite_key({"taken", agreement, from.text()});
}
std::string revised_key(const std::string& agreement, const std::string& device, Date day) {
    return composite_key({"revised", agreement, device, day.text()});
}

Result<SettledDay> revision(Stub& stub, const std::string& agreement, std::int64_t number) {
    data::RevisionsFrom wanted;
    wanted.agreement = agreement;
    wanted.number = number;
    wanted.limit = 1;
    auto found = TRY(data::api::revisions(stub, wanted));
    if (found.revisions.empty()) return fail(Code::corrupt, "{} has no revision {}", agreement, number);
    return std::move(found.revisions.front());
}

// The revisions that are due, in their order; those that are not stay in `progress`.
Result<std::vector<SettledDay>> due_revisions(Stub& stub, const BillingPeriod& period, Progress& progress) {
    std::vector<SettledDay> candidates;
    for (const auto number : progress.waiting) candidates.push_back(TRY(revision(stub, period.agreement.id, number)));
    progress.waiting.clear();
    data::RevisionsFrom wanted;
    wanted.agreement = period.agreement.id;
    wanted.number = progress.next_revision;
    wanted.limit = kAtOnce;
    auto fresh = TRY(data::api::revisions(stub, wanted));
    progress.next_revision += static_cast<std::int64_t>(fresh.revisions.size());
    std::ranges::move(fresh.revisions, std::back_inserter(candidates));
    std::vector<SettledDay> due;
    for (auto& each : candidates) {
        if (each.day < period.until)
            due.push_back(std::move(each));
        else
            progress.waiting.push_back(each.revision.value_or(0));
    }
    return due;
}

// A device's days of a period as they were billed: as they became FINAL, or as a revision says that was billed since.
Result<std::vector<SettledDay>> billed_days(Stub& stub, const BillingPeriod& period, const std::string& device) {
    auto days = TRY(final_days(stub, period, device));
    for (auto& day : days) {
        const auto number = TRY(stub.get(revised_key(period.agreement.id, device, day.day)));
        if (!number) continue;
        day = TRY(revision(stub, period.agreement.id, unpadded(*number).value_or(0)));
    }
    return days;
}

bool same_place(const Line& a, const Line& b) {
    return a.name == b.name && a.kind == b.kind && a.version == b.version && a.device == b.device &&
           a.field == b.field && a.window == b.window && a.tier == b.tier && a.from == b.from && a.unit == b.unit;
}

// The lines of `after` less those of `before`.
Result<std::vector<Line>> difference(std::vector<Line> before, std::vector<Line> after, Date period) {
    std::vector<Line> out;
    const auto zero = [](Line line) {
        line.quantity = Decimal();
        line.amount = Decimal();
        return line;
    };
    for (const auto& old : before) {
        if (std::ranges::none_of(after, [&](const Line& line) { return same_place(line, old); }))
            after.push_back(zero(old));
    }
    for (auto& line : after) {
        const auto old = std::ranges::find_if(before, [&](const Line& each) { return same_place(each, line); });
        if (old != before.end()) {
            line.quantity = TRY(line.quantity.minus(old->quantity));
            line.amount = TRY(line.amount.minus(old->amount));
        }
        if (line.quantity == Decimal() && line.amount == Decimal()) continue;
        line.corrects = period;
        out.push_back(std::move(line));
    }
    return out;
}

// The period's taken quantities with a device's days as they were, and as they are.
Status retake(const BillingPeriod& period, std::span<const SettledDay> before, std::span<const SettledDay> after,
              std::vector<Taken>& taken) {
    std::vector<Taken> old;
    TRY(add_taken(period.segments, before, old));
    TRY(add_taken(period.segments, after, taken));
    for (const auto& each : old) {
        auto found = std::ranges::find(taken, each.field, &Taken::field);
        if (found == taken.end())
            found = taken.insert(taken.end(), {each.field, std::vector<Decimal>(each.quantities.size())});
        for (std::size_t i = 0; i < each.quantities.size(); ++i)
            found->quantities[i] = TRY(found->quantities[i].minus(each.quantities[i]));
    }
    return {};
}

std::vector<Line> takes_of(std::vector<Line> lines) {
    std::erase_if(lines, [](const Line& line) {
        return line.kind != agreement::LineKind::MINIMUM_TAKE && line.kind != agreement::LineKind::MAXIMUM_TAKE;
    });
    return lines;
}

// Adds the correction lines of one period: `revisions` are of its days.
Status correct_period(Stub& stub, const BillingPeriod& period,
                      const std::map<std::string, std::vector<SettledDay>>& revisions, Corrections& out) {
    const auto& id = period.agreement.id;
    const auto stored = TRY(get_document<TakenInPeriod>(stub, taken_key(id, period.from), "what was taken"));
    auto taken = stored.value_or(TakenInPeriod{}).taken;
    const auto before_taken = taken;
    for (const auto& [device, news] : revisions) {
        const auto before = TRY(billed_days(stub, period, device));
        auto after = before;
        for (const auto& each : news) {
            const auto day = std::ranges::find(after, each.day, &SettledDay::day);
            if (day != after.end()) *day = each;
            TRY(stub.put(revised_key(id, device, each.day), padded(each.revision.value_or(0))));
        }
        auto lines = TRY(difference(TRY(price_device(period.segments, period.calendar, device, before)),
                                    TRY(price_device(period.segments, period.calendar, device, after)), period.from));
        std::ranges::move(lines, std::back_inserter(out.lines));
        TRY(retake(period, before, after, taken));
    }
    if (!stored) {  // the period that is being computed: its takes are priced with these
        out.taken = std::move(taken);
        return {};
    }
    auto lines = TRY(difference(takes_of(TRY(price_agreement(period.segments, period.calendar, before_taken))),
                                takes_of(TRY(price_agreement(period.segments, period.calendar, taken))), period.from));
    std::ranges::move(lines, std::back_inserter(out.lines));
    return put_taken(stub, id, period.from, taken);
}

}  // namespace

Status put_taken(Stub& stub, const std::string& agreement, Date from, const std::vector<Taken>& taken) {
    return put_document(stub, taken_key(agreement, from), TakenInPeriod{taken});
}

Result<Corrections> correct(Stub& stub, const BillingPeriod& period, Progress& progress) {
    // By the period's first day, then by device.
    std::map<Date, std::map<std::string, std::vector<SettledDay>>> periods;
    std::map<Date, BillingPeriod> known;
    for (auto& each : TRY(due_revisions(stub, period, progress))) {
        auto of_day = TRY(billing_period(stub, period.agreement.id, each.day));
        const auto from = of_day.from;
        known.try_emplace(from, std::move(of_day));
        periods[from][each.device].push_back(std::move(each));
    }
    Corrections out;
    for (const auto& [from, revisions] : periods) TRY(correct_period(stub, known.at(from), revisions, out));
    return out;
}

}  // namespace tally::chaincode::billing
