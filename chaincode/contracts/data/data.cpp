#include "chaincode/contracts/data/data.h"

#include "chaincode/contracts/data/attach_series.h"
#include "chaincode/contracts/data/publish.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/totals.h"

namespace tally::chaincode::data {

Contract contract() {
    Contract contract("data", 1, "The records that devices sign, and what they tell");
    contract.add(
        FunctionInfo{
            "publish", "Takes a record that a device has signed (attachment 0)", true, {"client", "peer", "admin"}},
        &publish);
    contract.add(FunctionInfo{"attach_series",
                              "Takes the packed series (attachment 0) of a record that was published without it",
                              true,
                              {"client", "peer", "admin"}},
                 &attach_series);
    const auto query = [](std::string name, std::string summary) {
        return FunctionInfo{std::move(name), std::move(summary), false, {}};
    };
    contract.add(query("find", "Where the record with a content id is, or null"), &find);
    contract.add(query("days", "Days of a device or a shard, summarized by field"), &days);
    contract.add(query("records", "A device's records of any kind"), &records);
    contract.add(query("proofs", "What ties each day's figures to its device and its transaction"), &proofs);
    contract.add(query("series", "Samples by field, raw or resampled, checked against the signed root"), &series);
    contract.add(query("gaps", "Missing days, rows, values and sequences, and breaks of the chain"), &gaps);
    contract.add(query("liveness", "When a device, or each device of a shard, was last heard"), &liveness);
    contract.add(query("totals", "Counters of a device or a shard"), &totals);
    return contract;
}

}  // namespace tally::chaincode::data
