#pragma once
// Putting an invoice together: items of devices from their FINAL days, what is of no device, corrections, and the sum.
// Nothing here stores anything.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/billing/corrections.h"
#include "chaincode/contracts/billing/period.h"

namespace tally::chaincode::billing {

enum class Days { all_final, those_that_are };

// Whether every day on which the device is metered is among `days`: days_open names the first that is not.
[[nodiscard]] Status check_all_final(const MeteredDevice& device, std::span<const data::SettledDay> days);
[[nodiscard]] std::vector<VersionDays> versions_of(const BillingPeriod& period);
[[nodiscard]] Result<Item> item_of_days(const BillingPeriod& period, const std::string& device,
                                        const std::vector<data::SettledDay>& days);
[[nodiscard]] Result<Item> device_item(Stub& stub, const BillingPeriod& period, const MeteredDevice& device,
                                       Days which);
[[nodiscard]] Status add_all(std::vector<Taken>& taken, const std::vector<Taken>& more);
[[nodiscard]] crypto::Hash hash_of(const Item& item);  // SHA-256 of its text

// For each of the devices that is metered in the period. `compute`: Result<bool>(const MeteredDevice&), false when it
// was computed before.
template <class Compute>
[[nodiscard]] Result<Prepared> prepare_each(Stub& stub, const BillingPeriod& period,
                                            const std::vector<std::string>& devices, Compute&& compute) {
    Prepared out;
    for (const auto& id : devices) {
        const auto device = TRY(metered_device(stub, period, id));
        if (!device)
            out.not_metered = out.not_metered.value_or(0) + 1;
        else
            ++(TRY(compute(*device)) ? out.items : out.already);
    }
    return out;
}

// Adds items to an invoice, one after the other, in the order of their names. Borrows the period.
class Assembly {
  public:
    explicit Assembly(const BillingPeriod& period) : period_(period), sum_(period.terms()) {}

    [[nodiscard]] Status add(const Item& item) { return add(item, hash_of(item)); }
    // `hash`: of the item's text.
    [[nodiscard]] Status add(const Item& item, const crypto::Hash& hash);
    [[nodiscard]] Status take(const std::vector<Taken>& more) { return add_all(taken_, more); }
    [[nodiscard]] const std::vector<Taken>& taken() const { return taken_; }
    [[nodiscard]] Result<Invoice> finish(Stub& stub, std::int64_t number, std::int64_t devices);

  private:
    const BillingPeriod& period_;
    Sum sum_;
    std::vector<Taken> taken_;
    std::int64_t lines_ = 0;
    std::int64_t days_ = 0;
    crypto::Sha256 hash_;
};

// An invoice of the period that is computed by the caller now, without lines.
[[nodiscard]] Invoice new_invoice(Stub& stub, const BillingPeriod& period, std::int64_t number);

// An item that was computed ahead, with the SHA-256 of its text; none when the terms have been amended since.
struct HashedItem {
    Item item;
    crypto::Hash hash;
};
[[nodiscard]] Result<std::optional<HashedItem>> stored_item(Stub& stub, const BillingPeriod& period,
                                                            std::string_view name);

struct Assembled {
    Invoice invoice;
    std::vector<Item> items;  // those alone that are not stored
    std::vector<Taken> taken;
};
[[nodiscard]] Result<Assembled> assemble(Stub& stub, const BillingPeriod& period, std::int64_t number, Days which,
                                         Corrections corrections);

// Whether the period is the next one to be billed, and has ended: billing_out_of_order, invoice_state, days_open.
[[nodiscard]] Status check_turn(Stub& stub, const BillingPeriod& period);

}  // namespace tally::chaincode::billing
