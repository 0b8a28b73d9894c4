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

Result<SettledDay> revision(Stub& stub, const BillingPeriod& period, std::int64_t number) {
    auto found = TRY(revisions_from(stub, period, number, 1));
    if (found.empty()) return fail(Code::corrupt, "{} has no revision {}", period.agreement.id, number);
    return std::move(found.front());
}

// The revisions that are due, in their order; those that are not stay in `progress`.
Result<std::vector<SettledDay>> due_revisions(Stub& stub, const BillingPeriod& period, Progress& progress) {
    std::vector<SettledDay> candidates;
    for (const auto number : progress.waiting) candidates.push_back(TRY(revision(stub, period, number)));
    progress.waiting.clear();
    auto fresh = TRY(revisions_from(stub, period, progress.next_revision, kAtOnce));
    progress.next_revision += static_cast<std::int64_t>(fresh.size());
    std::ranges::move(fresh, std::back_inserter(candidates));
    std::vector<SettledDay> due;
    for (auto& each : candidates) {
        if (each.day < period.until)
            due.push_back(std::move(each));
        else
            progress.waiting.push_back(each.revision.value_or(0));
    }
    return due;
}

// Which revision of a day is billed: the last one, or the last before an invoice that is sealed.
class Billed {
  public:
    Billed(Stub& stub, std::string agreement) : stub_(stub), agreement_(std::move(agreement)) {}

    // Forgets what the invoices from this one on have billed. They are sealed, as it is.
    Status forget_from(Date invoice) {
        auto [start, end] = children_of({"invoice", agreement_});
        start = invoice_key(agreement_, invoice);
        for (bool more = true; more;) {
            const auto page = TRY(stub_.range(start, end, {.limit = kUsualPage}));
            for (const auto& entry : page.entries) {
                const auto known = TRY(read_document<Invoice>(entry.value, "an invoice"));
                if (known.sealed) std::ranges::copy(known.sealed->revisions, std::back_inserter(forgotten_));
                start = entry.key + '\0';
            }
            more = page.more;
        }
        return {};
    }

    Result<std::optional<std::int64_t>> of(const std::string& device, Date day) {
        const auto name = std::pair(device, day);
        if (const auto known = known_.find(name); known != known_.end()) return known->second;
        std::optional<std::int64_t> number;
        if (const auto text = TRY(stub_.get(revised_key(agreement_, device, day)))) number = unpadded(*text);
        for (auto each = forgotten_.rbegin(); each != forgotten_.rend(); ++each) {
            if (each->device == device && each->day == day && number == each->revision) number = each->replaces;
        }
        return number;
    }
    // The next one of the day.
    Result<BilledRevision> next(const SettledDay& day) {
        BilledRevision out{day.device, day.day, day.revision.value_or(0), TRY(of(day.device, day.day))};
        known_[{day.device, day.day}] = out.revision;
        return out;
    }

  private:
    Stub& stub_;
    std::string agreement_;
    std::vector<BilledRevision> forgotten_;
    std::map<std::pair<std::string, Date>, std::optional<std::int64_t>> known_;
};

// A device's days of a period as they were billed: as they became FINAL, or as a revision says that was billed since.
Result<std::vector<SettledDay>> billed_days(Stub& stub, const BillingPeriod& period, const std::string& device,
                                            Billed& billed) {
    auto days = TRY(final_days(stub, period, device));
    for (auto& day : days) {
        if (const auto number = TRY(billed.of(device, day.day))) day = TRY(revision(stub, period, *number));
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

// What was taken in an earlier period; none: nothing is stored of it, as it is the one that is being computed.
Result<std::optional<std::vector<Taken>>> taken_before(Stub& stub, const BillingPeriod& period, Billed& billed,
                                                       bool is_current) {
    const auto key = taken_key(period.agreement.id, period.from);
    if (auto stored = TRY(get_document<TakenInPeriod>(stub, key, "what was taken"))) return std::move(stored->taken);
    if (is_current || period.figures != Figures::opened) return std::nullopt;
    std::vector<Taken> out;  // its invoice is sealed
    for (const auto& device : TRY(metered_devices(stub, period)))
        TRY(add_taken(period.segments, TRY(billed_days(stub, period, device.id, billed)), out));
    return out;
}

using ByDevice = std::map<std::string, std::vector<SettledDay>>;

// Adds the correction lines of one period: `revisions` are of its days.
Status correct_period(Stub& stub, const BillingPeriod& period, bool is_current, const ByDevice& revisions,
                      Billed& billed, Corrections& out) {
    const auto stored = TRY(taken_before(stub, period, billed, is_current));
    auto taken = stored.value_or(std::vector<Taken>());
    const auto before_taken = taken;
    for (const auto& [device, news] : revisions) {
        const auto before = TRY(billed_days(stub, period, device, billed));
        auto after = before;
        for (const auto& each : news) {
            const auto day = std::ranges::find(after, each.day, &SettledDay::day);
            if (day != after.end()) *day = each;
            out.revisions.push_back(TRY(billed.next(each)));
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
    out.retaken.push_back({period.from, std::move(taken)});
    return {};
}

Result<Corrections> corrections_of(Stub& stub, const BillingPeriod& period, std::vector<SettledDay> due,
                                   Billed& billed) {
    // By the period's first day, then by device.
    std::map<Date, ByDevice> periods;
    std::map<Date, BillingPeriod> known;
    for (auto& each : due) {
        auto of_day = TRY(billing_period(stub, period.agreement.id, each.day));
        of_day.figures = period.figures;
        of_day.known_until_ms = period.known_until_ms;
        const auto from = of_day.from;
        known.try_emplace(from, std::move(of_day));
        periods[from][each.device].push_back(std::move(each));
    }
    Corrections out;
    for (const auto& [from, revisions] : periods)
        TRY(correct_period(stub, known.at(from), from == period.from, revisions, billed, out));
    return out;
}

}  // namespace

Status put_taken(Stub& stub, const std::string& agreement, Date from, const std::vector<Taken>& taken) {
    return put_document(stub, taken_key(agreement, from), TakenInPeriod{taken});
}

Status store_billed(Stub& stub, const std::string& agreement, const std::vector<BilledRevision>& revisions) {
    for (const auto& each : revisions)
        TRY(stub.put(revised_key(agreement, each.device, each.day), padded(each.revision)));
    return {};
}

Status store_corrections(Stub& stub, const std::string& agreement, const Corrections& corrections) {
    TRY(store_billed(stub, agreement, corrections.revisions));
    for (const auto& [from, taken] : corrections.retaken) TRY(put_taken(stub, agreement, from, taken));
    return {};
}

Result<Corrections> correct(Stub& stub, const BillingPeriod& period, Progress& progress) {
    Billed billed(stub, period.agreement.id);
    return corrections_of(stub, period, TRY(due_revisions(stub, period, progress)), billed);
}

Result<Corrections> correct_again(Stub& stub, const BillingPeriod& period, const Sealed& sealed) {
    Billed billed(stub, period.agreement.id);
    TRY(billed.forget_from(period.from));
    std::vector<SettledDay> due;
    for (const auto& each : sealed.revisions) due.push_back(TRY(revision(stub, period, each.revision)));
    return corrections_of(stub, period, std::move(due), billed);
}

Result<DueRevisions> revisions_due(Stub& stub, const BillingPeriod& period, Progress& progress) {
    const auto& id = period.agreement.id;
    Billed billed(stub, id);
    DueRevisions out;
    for (const auto& day : TRY(due_revisions(stub, period, progress))) {
        out.revisions.push_back(TRY(billed.next(day)));
        const auto from = TRY(billing_period(stub, id, day.day)).from;
        const auto invoice = TRY(get_document<Invoice>(stub, invoice_key(id, from), "an invoice"));
        const bool is_committed = day.match == data::Match::COMMITTED || (invoice && invoice->sealed);
        out.need_sealing = out.need_sealing || is_committed;
    }
    return out;
}

}  // namespace tally::chaincode::billing
