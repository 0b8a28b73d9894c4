#include "chaincode/contracts/billing/billing.h"

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/bills.h"
#include "chaincode/contracts/billing/compute.h"
#include "chaincode/contracts/billing/payment.h"
#include "chaincode/contracts/billing/provided.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/billing/sealed.h"
#include "chaincode/contracts/data/refusals.h"

namespace tally::chaincode::billing {
namespace {

using enum Visibility;
namespace r = refusals;

const std::vector<std::string> kStaff = {"admin", "client", "peer"};
const std::vector<Refusal> kOfPeriod = {agreement::refusals::not_open};

std::vector<Refusal> and_also(std::initializer_list<Refusal> more) {
    auto out = kOfPeriod;
    out.insert(out.end(), more);
    return out;
}

FunctionInfo step(std::string name, std::string summary, std::initializer_list<Refusal> more = {}) {
    auto refusals = and_also({r::no_invoice, r::wrong_state, agreement::refusals::wrong_party});
    refusals.insert(refusals.end(), more);
    return {.name = std::move(name),
            .summary = std::move(summary),
            .writes = true,
            .roles = {"admin", "client"},
            .visibility = parties,
            .refusals = std::move(refusals)};
}

void add_computing(Contract& contract) {
    contract
        .add(&prepare, {.name = "prepare",
                        .summary = "Computes the items of some devices ahead of the invoice of many",
                        .writes = true,
                        .roles = kStaff,
                        .visibility = parties,
                        .refusals = and_also({r::days_open, r::sealed_figures})})
        .add(&compute, {.name = "compute",
                        .summary = "Computes the invoice of a period, once all its days are FINAL",
                        .writes = true,
                        .roles = kStaff,
                        .visibility = parties,
                        .refusals = and_also({r::days_open, r::out_of_order, r::wrong_state, r::sealed_figures})})
        .add(&preview, {.name = "preview",
                        .summary = "What the invoice of a period would be, from the days that are FINAL",
                        .visibility = parties,
                        .refusals = and_also({r::sealed_figures}),
                        .routes = {"/v1/agreements/{agreement}/invoices/{day}/preview"}});
}

void add_sealing(Contract& contract) {
    using agreement::refusals::wrong_party;
    contract
        .add(&open_invoice,
             {.name = "open_invoice",
              .summary = "The invoice of figures that are commitments; at a node of a keeper of the readings",
              .visibility = parties,
              .refusals = and_also({r::days_open, r::out_of_order, r::wrong_state, data::refusals::figures_withheld})})
        .add(&prepare_seal, {.name = "prepare_seal",
                             .summary = "Counts ahead the FINAL days of some devices for a sealed invoice",
                             .writes = true,
                             .roles = {"admin", "client"},
                             .visibility = parties,
                             .refusals = and_also({r::days_open})})
        .add(&seal, {.name = "seal",
                     .summary = "The OPERATOR stores the commitment to the invoice of a period",
                     .writes = true,
                     .roles = {"admin", "client"},
                     .visibility = parties,
                     .refusals = and_also({r::days_open, r::out_of_order, r::wrong_state, wrong_party})})
        .add(&agree, {.name = "agree",
                      .summary = "A party has computed the sealed invoice, and agrees to it",
                      .writes = true,
                      .roles = {"admin", "client"},
                      .visibility = parties,
                      .refusals = and_also({r::no_invoice, r::wrong_state, r::wrong_commitment, wrong_party})})
        .add(&attest_paid, step("attest_paid", "A DV attests that a sealed invoice is paid"));
}

void add_steps(Contract& contract) {
    contract.add(&notify, step("notify", "The OPERATOR has sent the invoice to its payer"))
        .add(&initiate, step("initiate", "The RC or a DV has ordered the payment"))
        .add(&reject, step("reject", "A DV says that the bank has refused the payment"))
        .add(&confirm, step("confirm", "A DV attests the bank's booking", {r::wrong_amount, r::sealed_figures}))
        .add(&take_back, step("take_back", "A DV says that the bank has returned the payment"))
        .add(&receive, step("receive", "A payee has received its part"))
        .add(&confirm_final, step("confirm_final", "A party confirms that the invoice is settled"))
        .add(&dispute, step("dispute", "A party disputes the invoice", {r::deadline}))
        .add(&settle_dispute, step("settle_dispute", "Ends a dispute; the invoice goes on", {r::deadline}))
        .add(&expire, step("expire", "The invoice is due and not paid", {r::deadline}));
}

FunctionInfo of_bill(std::string name, std::string summary, std::initializer_list<Refusal> refusals) {
    return {.name = std::move(name),
            .summary = std::move(summary),
            .writes = true,
            .roles = {"admin", "client"},
            .visibility = parties,
            .refusals = and_also(refusals)};
}

void add_bills(Contract& contract) {
    using agreement::refusals::wrong_party;
    contract
        .add(&prepare_bill, of_bill("prepare_bill", "Computes ahead what a provider may bill for some devices",
                                    {r::days_open, r::sealed_figures, wrong_party}))
        .add(&post_bill, of_bill("post_bill", "A service provider posts its bill of a period",
                                 {r::days_open, r::wrong_amount, r::sealed_figures, wrong_party}))
        .add(&authorize_bill, of_bill("authorize_bill", "The RC or a DV authorizes the payment of a bill",
                                      {r::no_invoice, r::wrong_state, r::not_authorized, wrong_party}))
        .add(&withdraw_bill, of_bill("withdraw_bill", "A provider withdraws its bill", {r::no_invoice, r::wrong_state}))
        .add(&get_bill, {.name = "get_bill",
                         .summary = "A provider's bill, each line compared with metered use",
                         .visibility = parties,
                         .refusals = and_also({r::no_invoice}),
                         .routes = {"/v1/agreements/{agreement}/bills/{day}/{provider}"}})
        .add(&bills, {.name = "bills",
                      .summary = "The bills of an agreement's providers",
                      .visibility = parties,
                      .routes = {"/v1/agreements/{agreement}/bills"}});
}

void add_queries(Contract& contract) {
    contract
        .add(&get, {.name = "get",
                    .summary = "The invoice of a period",
                    .visibility = parties,
                    .refusals = and_also({r::no_invoice}),
                    .routes = {"/v1/agreements/{agreement}/invoices/{day}"}})
        .add(&list, {.name = "list",
                     .summary = "An agreement's invoices",
                     .visibility = parties,
                     .routes = {"/v1/agreements/{agreement}/invoices"}})
        .add(&examine, {.name = "examine",
                        .summary = "Computes a period's invoice again, from its FINAL days",
                        .callers = {"audit"},
                        .visibility = parties,
                        .refusals = kOfPeriod})
        .add(&items, {.name = "items",
                      .summary = "An invoice's lines by device, with the content ids that they come from",
                      .visibility = parties,
                      .refusals = and_also({r::no_invoice}),
                      .routes = {"/v1/agreements/{agreement}/invoices/{day}/items"}});
}

}  // namespace

Contract contract() {
    Contract contract("billing", 1, "Invoices from FINAL days, and their payment");
    add_computing(contract);
    add_sealing(contract);
    add_steps(contract);
    add_bills(contract);
    add_queries(contract);
    contract.event<InvoiceEvent>("invoice_computed", "An invoice was computed")
        .event<InvoiceEvent>("invoice_changed", "An invoice or a bill has another state");
    return contract;
}

}  // namespace tally::chaincode::billing
